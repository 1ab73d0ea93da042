import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sleep, yieldToLoop } from "@reactive-domain/core";
import { createMessageQueue } from "@reactive-domain/messaging";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Desk, fateOf, inMovingTime, inTestTime, type Mail, mail } from "./mails.ts";

const KEYS = ["ann", "bob", "cid"];
const posts = fc.array(fc.record({ key: fc.nat(2), lane: fc.nat(1), workMs: fc.nat(20), fails: fc.boolean() }), { maxLength: 60 });
const sizes = fc.record({
  capacity: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 80 })),
  parallelism: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(1_000),
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A key of its own, and a way to see whether it is forgotten. */
function newKey(keys: WeakRef<object>[]): object {
  const key = {};
  keys.push(new WeakRef(key));
  return key;
}

describe("a queue with keys and lanes", () => {
  it("E1: handles every message once, those of a key and lane in order and never two of a key at once", async () => {
    await fc.assert(
      fc.asyncProperty(posts, sizes, (script, { capacity, parallelism, seed }) =>
        inMovingTime(async () => {
          const busy = new Set<string>();
          const handled: number[] = [];
          let most = 0;
          const queue = createMessageQueue(
            "mails",
            async ({ to, number }: Mail) => {
              expect(busy.has(to)).toBe(false);
              busy.add(to);
              most = Math.max(most, busy.size);
              expect(queue.statistics().depth).toBeLessThanOrEqual(capacity);
              await sleep(script[number]?.workMs ?? 0);
              busy.delete(to);
              handled.push(number);
              if (script[number]?.fails === true) throw new Error("no");
            },
            {
              capacity,
              parallelism,
              partitionBy: ({ to }) => to,
              lanes: ["urgent", "usual"],
              laneOf: ({ number }) => (script[number]?.lane === 0 ? "urgent" : "usual"),
              onFailure: ({ error }) => expect((error as Error).message).toBe("no"),
            },
          );
          for (const [number, { key }] of script.entries()) await queue.post(mail(number, KEYS[key]));
          await queue.drain();
          expect(handled.toSorted((a, b) => a - b)).toEqual(script.map((_, number) => number));
          expect(most).toBeLessThanOrEqual(parallelism);
          for (const key of [0, 1, 2]) {
            for (const lane of [0, 1]) {
              const own = handled.filter((number) => script[number]?.key === key && script[number]?.lane === lane);
              expect(own).toEqual(own.toSorted((a, b) => a - b));
            }
          }
        }, seed),
      ),
      { numRuns: 60 },
    );
  });

  it("handles different keys at once, and one key's messages one after another", () =>
    inTestTime(async (test) => {
      const begun: string[] = [];
      const queue = createMessageQueue(
        "mails",
        async ({ to, number }: Mail) => {
          begun.push(`${to} ${number}`);
          await sleep(10);
        },
        { parallelism: 8, partitionBy: ({ to }) => to },
      );
      for (const number of [1, 2]) for (const to of KEYS) await queue.post(mail(number, to));
      await test.settle();
      expect(begun).toEqual(["ann 1", "bob 1", "cid 1"]);
      await test.clock.advanceBy(10);
      expect(begun.slice(3).toSorted()).toEqual(["ann 2", "bob 2", "cid 2"]);
      await test.clock.advanceBy(10);
      await queue.idle();
    }));

  it.each([
    ["of one key", ({ to }: Mail) => to],
    ["of a key each", ({ number }: Mail) => number],
    ["without keys", undefined],
  ])("begins urgent messages first, %s", (_, partitionBy) =>
    inMovingTime(async () => {
      const begun: number[] = [];
      const queue = createMessageQueue(
        "mails",
        async ({ number }: Mail) => {
          begun.push(number);
          await sleep(10);
        },
        { ...(partitionBy && { partitionBy }), lanes: ["urgent", "usual"], laneOf: ({ number }) => (number < 10 ? "urgent" : "usual") },
      );
      await queue.post(mail(10));
      await sleep(5);
      for (const number of [11, 12, 1, 2]) await queue.post(mail(number));
      await queue.idle();
      expect(begun).toEqual([10, 1, 2, 11, 12]);
    }),
  );

  it("begins the urgent message of a key before another one of it that waits for its turn", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, {
        partitionBy: ({ to }: Mail) => to,
        lanes: ["urgent", "usual"],
        laneOf: ({ number }) => (number < 10 ? "urgent" : "usual"),
      });
      await queue.post(mail(10, "bob"));
      await test.settle();
      for (const number of [11, 12]) await queue.post(mail(number));
      await test.clock.advanceBy(100);
      for (const number of [1, 2]) await queue.post(mail(number));
      await queue.post(mail(3, "cid"));
      expect(queue.statistics()).toMatchObject({ depth: 5, oldestAgeMs: 100 });
      for (const number of [10, 1, 3, 2, 11, 12]) {
        desk.letGo(number);
        await test.settle();
      }
      expect(desk.ended).toEqual([10, 1, 3, 2, 11, 12]);
      await queue.idle();
    }));

  it("goes on with a key whose next message is given up", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { partitionBy: ({ to }: Mail) => to });
      const caller = new AbortController();
      await queue.post(mail(1, "bob"));
      await test.settle();
      const canceled = queue.run(mail(2), { signal: caller.signal });
      await queue.post(mail(3));
      caller.abort();
      expect(await fateOf(test, canceled)).toBe("message-canceled");
      desk.letGo(1);
      await test.settle();
      desk.letGo(3);
      await queue.idle();
      expect(desk.ended).toEqual([1, 3]);
    }));

  it("forgets the keys that have no messages, when there are more of them than may wait", async () => {
    const keys: WeakRef<object>[] = [];
    const queue = createMessageQueue("mails", () => undefined, {
      capacity: 10,
      partitionBy: () => newKey(keys),
    });
    for (let number = 0; number < 1_000; number++) await queue.run(mail(number));
    await yieldToLoop();
    collectGarbage();
    expect(keys.filter((key) => key.deref() !== undefined).length).toBeLessThanOrEqual(12);
  });

  it("forgets its keys when it has come to rest, when they are many, however many may wait", async () => {
    const keys: WeakRef<object>[] = [];
    const queue = createMessageQueue("mails", () => undefined, { capacity: 10_000, partitionBy: () => newKey(keys) });
    for (let number = 0; number < 5_000; number++) await queue.post(mail(number));
    await queue.idle();
    await yieldToLoop();
    collectGarbage();
    expect(keys.filter((key) => key.deref() !== undefined).length).toBeLessThanOrEqual(2);
    await queue.run(mail(1));
  });

  it("forgets the last messages of its keys when it is closed", async () => {
    const keys: WeakRef<object>[] = [];
    const queue = createMessageQueue("mails", () => undefined, { skipRepeated: true, partitionBy: () => newKey(keys), capacity: 5_000 });
    for (let number = 0; number < 2_000; number++) await queue.post(mail(number));
    await queue.idle();
    await queue.close();
    await yieldToLoop();
    collectGarbage();
    expect(keys.filter((key) => key.deref() !== undefined).length).toBeLessThanOrEqual(2);
  });

  it("refuses a lane that it has not", async () => {
    const queue = createMessageQueue("mails", () => undefined, { lanes: ["a"], laneOf: () => "b" as "a" });
    await expect(queue.post(mail(1))).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
