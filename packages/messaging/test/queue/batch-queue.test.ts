import { sleep } from "@reactive-domain/core";
import { createBatchQueue } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { fateOf, inTestTime, type Mail, mail, numbersOf } from "./mails.ts";

describe("a queue of batches", () => {
  const collecting = (maxMessages: number, maxWaitMs: number) => {
    const batches: (readonly number[])[] = [];
    const queue = createBatchQueue("mails", (mails: readonly Mail[]) => void batches.push(numbersOf(mails)), { maxMessages, maxWaitMs });
    return { batches, queue };
  };

  it("begins one when there are enough messages", () =>
    inTestTime(async (test) => {
      const { batches, queue } = collecting(3, 1_000);
      for (const number of [1, 2, 3, 4]) await queue.post(mail(number));
      await test.settle();
      expect(batches).toEqual([[1, 2, 3]]);
      expect(queue.statistics()).toMatchObject({ depth: 1, handled: 3, perSecond: 3 });
      await queue.close();
      expect(test.pendingTimers).toBe(0);
    }));

  it.each([
    ["without keys", undefined],
    ["with keys", ({ to }: Mail) => to],
  ])("leaves no timer behind when one has begun, or when what waited is given up, %s", (_, partitionBy) =>
    inTestTime(async (test) => {
      const queue = createBatchQueue("mails", () => undefined, { maxMessages: 2, maxWaitMs: 1_000, ...(partitionBy && { partitionBy }) });
      await queue.post(mail(1));
      expect(test.pendingTimers).toBe(1);
      await queue.post(mail(2));
      await test.settle();
      expect(queue.statistics().handled).toBe(2);
      expect(test.pendingTimers).toBe(0);
      const caller = new AbortController();
      const canceled = rejectionOf(queue.run(mail(3), { signal: caller.signal }));
      expect(test.pendingTimers).toBe(1);
      caller.abort();
      expect(await canceled).toMatchObject({ code: "message-canceled" });
      expect(test.pendingTimers).toBe(0);
    }),
  );

  it("begins one when the oldest message has waited long enough", () =>
    inTestTime(async (test) => {
      const { batches, queue } = collecting(3, 100);
      await queue.post(mail(1));
      await test.clock.advanceBy(60);
      await queue.post(mail(2));
      await test.clock.advanceBy(39);
      expect(batches).toEqual([]);
      await test.clock.advanceBy(1);
      expect(batches).toEqual([[1, 2]]);
      await queue.post(mail(3));
      await test.clock.advanceBy(99);
      expect(batches).toHaveLength(1);
      const idle = queue.idle();
      expect(await fateOf(test, idle)).toBe("pending");
      await test.clock.advanceBy(1);
      await idle;
      expect(batches).toEqual([[1, 2], [3]]);
    }));

  it("waits for nothing when it is drained", () =>
    inTestTime(async (test) => {
      const { batches, queue } = collecting(3, 1_000);
      for (const number of [1, 2, 3, 4]) await queue.post(mail(number));
      expect(await fateOf(test, queue.drain())).toBe("resolved");
      expect(batches).toEqual([[1, 2, 3], [4]]);
    }));

  it("is idle when the one message that waits is given up", () =>
    inTestTime(async (test) => {
      const { batches, queue } = collecting(3, 1_000);
      const caller = new AbortController();
      const running = rejectionOf(queue.run(mail(1), { signal: caller.signal }));
      const idle = queue.idle();
      caller.abort();
      expect(await running).toMatchObject({ code: "message-canceled" });
      expect(await fateOf(test, idle)).toBe("resolved");
      expect(batches).toEqual([]);
      expect(test.pendingTimers).toBe(0);
    }));

  it("E4: tells a failure of all messages of the batch, and goes on", async () => {
    const failed: (readonly number[])[] = [];
    const queue = createBatchQueue(
      "mails",
      (mails: readonly Mail[]) => {
        if (mails.some(({ number }) => number === 2)) throw new Error("no");
      },
      { maxMessages: 2, maxWaitMs: 0, onFailure: ({ messages }) => failed.push(numbersOf(messages)) },
    );
    const fates = await Promise.allSettled([1, 2, 3, 4].map((number) => queue.run(mail(number))));
    expect(fates.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled", "fulfilled"]);
    expect(failed).toEqual([[1, 2]]);
    expect(queue.statistics()).toMatchObject({ handled: 2, failed: 2 });
  });

  it("gives the caller of run no answer", async () => {
    const queue = createBatchQueue("mails", (mails: readonly Mail[]) => mails.length, { maxMessages: 1, maxWaitMs: 0 });
    expect(await queue.run(mail(1))).toBeUndefined();
  });

  it("puts urgent messages first into a batch", () =>
    inTestTime(async () => {
      const batches: (readonly number[])[] = [];
      const queue = createBatchQueue("mails", (mails: readonly Mail[]) => void batches.push(numbersOf(mails)), {
        maxMessages: 3,
        maxWaitMs: 1_000,
        lanes: ["urgent", "usual"],
        laneOf: ({ number }) => (number < 10 ? "urgent" : "usual"),
      });
      for (const number of [10, 1, 11, 2]) await queue.post(mail(number));
      await queue.drain();
      expect(batches).toEqual([[1, 2, 10], [11]]);
    }));

  it("waits for the rest from when its oldest message came, also while another batch is with the handler", () =>
    inTestTime(async (test) => {
      const begun: (readonly number[])[] = [];
      const queue = createBatchQueue(
        "mails",
        async (mails: readonly Mail[]) => {
          begun.push(numbersOf(mails));
          await sleep(500);
        },
        { maxMessages: 2, maxWaitMs: 100, parallelism: 2 },
      );
      for (const number of [1, 2, 3]) await queue.post(mail(number));
      await test.clock.advanceBy(99);
      expect(begun).toEqual([[1, 2]]);
      await test.clock.advanceBy(1);
      expect(begun).toEqual([[1, 2], [3]]);
      await test.clock.advanceBy(500);
      await queue.close();
      expect(test.pendingTimers).toBe(0);
    }));

  it.each([[undefined], [null], ["all"]])("is refused with %j for its options", (options) => {
    expect(refusalOf(() => createBatchQueue("mails", () => undefined, options as never))).toMatchObject({ code: "invalid-argument" });
  });

  it.each([
    [0, 0],
    [1_001, 0],
    [1, -1],
    [1, Number.NaN],
  ])("is refused with batches of %d messages after %d ms", (maxMessages, maxWaitMs) => {
    expect(refusalOf(() => createBatchQueue("mails", () => undefined, { maxMessages, maxWaitMs }))).toMatchObject({
      code: "invalid-argument",
    });
  });
});

describe("a queue of batches with keys", () => {
  const collecting = (maxMessages: number, parallelism: number, workMs: number) => {
    const begun: string[] = [];
    const queue = createBatchQueue(
      "mails",
      async (mails: readonly Mail[]) => {
        begun.push(`${mails[0]?.to} ${numbersOf(mails).join(" ")}`);
        await sleep(workMs);
      },
      { maxMessages, maxWaitMs: 100, parallelism, partitionBy: ({ to }) => to },
    );
    return { begun, queue };
  };

  it("begins one when there are enough messages of a key, or when the oldest of the key has waited long enough", () =>
    inTestTime(async (test) => {
      const { begun, queue } = collecting(2, 8, 0);
      await queue.post(mail(1, "ann"));
      await test.clock.advanceBy(50);
      await queue.post(mail(2, "bob"));
      await queue.post(mail(3, "cid"));
      await test.settle();
      expect(begun).toEqual([]);
      await queue.post(mail(4, "bob"));
      await test.settle();
      expect(begun).toEqual(["bob 2 4"]);
      await test.clock.advanceBy(50);
      expect(begun).toEqual(["bob 2 4", "ann 1"]);
      await test.clock.advanceBy(50);
      expect(begun).toEqual(["bob 2 4", "ann 1", "cid 3"]);
      await queue.idle();
      expect(test.pendingTimers).toBe(0);
    }));

  it("E1: has one batch of a key at a time, those of different keys at once", () =>
    inTestTime(async (test) => {
      const { begun, queue } = collecting(2, 8, 1_000);
      for (const number of [1, 2, 3, 4, 5]) for (const to of ["ann", "bob"]) await queue.post(mail(number, to));
      await test.clock.advanceBy(500);
      expect(begun).toEqual(["ann 1 2", "bob 1 2"]);
      await test.clock.advanceBy(500);
      expect(begun.slice(2)).toEqual(["ann 3 4", "bob 3 4"]);
      await test.clock.advanceBy(1_000);
      expect(begun.slice(4)).toEqual(["ann 5", "bob 5"]);
      await test.clock.advanceBy(1_000);
      await queue.idle();
    }));

  it("waits for nothing when it is drained", () =>
    inTestTime(async (test) => {
      const { begun, queue } = collecting(3, 1, 0);
      for (const to of ["ann", "bob"]) await queue.post(mail(1, to));
      const drained = queue.drain();
      await test.clock.advanceBy(0);
      await drained;
      expect(begun).toEqual(["ann 1", "bob 1"]);
      expect(test.pendingTimers).toBe(0);
    }));

  it("begins none that has become too small, before its time", () =>
    inTestTime(async (test) => {
      const { begun, queue } = collecting(2, 1, 10);
      const caller = new AbortController();
      for (const number of [1, 2]) await queue.post(mail(number, "ann"));
      await test.settle();
      await queue.post(mail(3, "bob"));
      const canceled = rejectionOf(queue.run(mail(4, "bob"), { signal: caller.signal }));
      caller.abort();
      expect(await canceled).toMatchObject({ code: "message-canceled" });
      await test.clock.advanceBy(99);
      expect(begun).toEqual(["ann 1 2"]);
      await test.clock.advanceBy(1);
      expect(begun).toEqual(["ann 1 2", "bob 3"]);
      await test.clock.advanceBy(10);
      await queue.close();
      expect(test.pendingTimers).toBe(0);
    }));
});
