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
      await queue.close();
      expect(test.pendingTimers).toBe(0);
    }));

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
