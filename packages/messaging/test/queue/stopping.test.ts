import { sleep } from "@reactive-domain/core";
import { createMessageQueue, type MessageContext, type MessageQueue } from "@reactive-domain/messaging";
import type { TestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { rejectionOf } from "../refusal.ts";
import { Desk, fateOf, inMovingTime, inTestTime, type Mail, mail } from "./mails.ts";

/** A queue that lets four in at a time, has room for one, and lets eight wait for it. */
async function crowded(test: TestRuntime): Promise<{ desk: Desk; queue: MessageQueue<Mail>; outside: readonly Promise<void>[] }> {
  const desk = new Desk();
  const queue = createMessageQueue("mails", desk.handle, { capacity: 64, stallAfterMs: 1_000 });
  await queue.post(mail(0));
  await test.settle();
  for (let number = 1; number <= 64; number++) await queue.post(mail(number));
  const outside = Array.from({ length: 8 }, (_, index) => queue.post(mail(65 + index)));
  desk.letGo(0);
  await test.settle();
  expect(queue.statistics()).toMatchObject({ depth: 63, waitingSenders: 8 });
  return { desk, queue, outside };
}

describe("closing a queue", () => {
  it("E5: waits only for the messages in progress, and gives up those that wait", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 2 });
      await queue.post(mail(0));
      await test.settle();
      const inside = queue.run(mail(1));
      await queue.post(mail(2));
      const outside = queue.post(mail(3));
      const closed = queue.close();
      expect(await Promise.all([fateOf(test, inside), fateOf(test, outside)])).toEqual(["already-closed", "already-closed"]);
      expect(await fateOf(test, closed)).toBe("pending");
      expect(await rejectionOf(queue.post(mail(4)))).toMatchObject({ code: "already-closed" });
      desk.letGo(0);
      await closed;
      await queue.close();
      expect(desk.begun).toEqual([0]);
      expect(queue.statistics()).toMatchObject({ depth: 0, handled: 1, dropped: 2 });
      expect(await queue.read((version) => version)).toBe(1);
      await test.settle();
      expect(test.pendingTimers).toBe(0);
    }));

  it("E5: gives up all who wait for room, also when there is room for some of them", () =>
    inTestTime(async (test) => {
      const { desk, queue, outside } = await crowded(test);
      const closed = queue.close();
      expect(await Promise.all(outside.map((one) => fateOf(test, one)))).toEqual(outside.map(() => "already-closed"));
      expect(queue.statistics()).toMatchObject({ depth: 0, waitingSenders: 0, dropped: 63 });
      desk.letGo(1);
      await closed;
    }));

  it("E5: resolves at once when the queue is idle, and at the end of an await using", () =>
    inTestTime(async (test) => {
      const queue = createMessageQueue("mails", () => undefined);
      {
        await using used = queue;
        await used.run(mail(1));
      }
      expect(await fateOf(test, queue.close())).toBe("resolved");
      expect(await rejectionOf(queue.run(mail(1)))).toMatchObject({ code: "already-closed" });
    }));

  it.each([
    ["before its first await", (queue: MessageQueue<Mail>) => queue.close()],
    [
      "with its context",
      async (queue: MessageQueue<Mail>, context: MessageContext) => {
        await sleep(1);
        await queue.close(context);
      },
    ],
  ])("E5: returns promptly inside a handler, %s", (_, close) =>
    inMovingTime(async () => {
      const ended: number[] = [];
      const queue: MessageQueue<Mail> = createMessageQueue("mails", async ({ number }: Mail, context): Promise<void> => {
        await close(queue, context);
        ended.push(number);
      });
      await queue.post(mail(1));
      await queue.post(mail(2));
      await queue.idle();
      expect(ended).toEqual([1]);
    }),
  );

  it("ends the wait, and not the closing, when its signal aborts", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle);
      await queue.post(mail(1));
      await test.settle();
      const reason = new Error("enough");
      const impatient = new AbortController();
      const closed = queue.close({ signal: impatient.signal });
      impatient.abort(reason);
      expect(await rejectionOf(closed)).toBe(reason);
      expect(await rejectionOf(queue.idle({ signal: impatient.signal }))).toBe(reason);
      desk.letGo(1);
      await queue.idle();
    }));
});

describe("draining a queue", () => {
  it("handles all that was posted before, also by senders that wait, and nothing more", () =>
    inMovingTime(async () => {
      const handled: number[] = [];
      const queue = createMessageQueue(
        "mails",
        async ({ number }: Mail) => {
          await sleep(1);
          handled.push(number);
        },
        { capacity: 2 },
      );
      const posted = [1, 2, 3, 4, 5].map((number) => queue.post(mail(number)));
      const drained = queue.drain();
      expect(await rejectionOf(queue.post(mail(6)))).toMatchObject({ code: "already-closed" });
      await drained;
      await Promise.all(posted);
      expect(handled).toEqual([1, 2, 3, 4, 5]);
    }));
});

describe("an idle queue", () => {
  it("is one without messages that wait or are in progress", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle);
      await queue.idle();
      await queue.post(mail(1));
      await queue.post(mail(2));
      const idle = queue.idle();
      await test.settle();
      desk.letGo(1);
      expect(await fateOf(test, idle)).toBe("pending");
      desk.letGo(2);
      await idle;
      expect(desk.ended).toEqual([1, 2]);
    }));
});

describe("a handler that adds to its own full queue", () => {
  it.each([
    ["before its first await", false],
    ["with its context", true],
  ])("is refused at once instead of waiting for itself, %s", (_, late) =>
    inMovingTime(async () => {
      const seen: unknown[] = [];
      const queue: MessageQueue<Mail> = createMessageQueue(
        "mails",
        async ({ number }: Mail, context): Promise<void> => {
          if (late) await sleep(1);
          if (number < 10) await queue.post(mail(number + 10), late ? context : undefined);
        },
        { capacity: 1, onFailure: ({ error }) => seen.push(error) },
      );
      await queue.post(mail(1));
      await queue.post(mail(2));
      await sleep(20);
      await queue.close();
      expect(seen[0]).toMatchObject({ code: "queue-full", details: { isFromHandler: true } });
    }),
  );

  it("is told after a while when it waits all the same, and so are all who wait", () =>
    inTestTime(async (test) => {
      const seen: string[] = [];
      const queue: MessageQueue<Mail> = createMessageQueue(
        "mails",
        async ({ number }: Mail): Promise<void> => {
          await sleep(1);
          if (number < 10) await queue.post(mail(number + 10));
        },
        { capacity: 1, stallAfterMs: 1_000, onFailure: ({ error }) => seen.push((error as { code: string }).code) },
      );
      await queue.post(mail(1));
      await test.settle();
      const waiting = queue.run(mail(2));
      const fates = [waiting, queue.post(mail(3)), queue.idle(), queue.read(() => undefined)].map((one) => rejectionOf(one));
      await test.clock.advanceBy(999);
      expect(seen).toEqual([]);
      await test.clock.advanceBy(1_001);
      expect(seen).toEqual(["queue-stalled"]);
      for (const fate of fates) expect(await fate).toMatchObject({ code: "queue-stalled", retryable: true });
      const more = queue.run(mail(20));
      await test.clock.advanceBy(1);
      await more;
      expect(queue.statistics()).toMatchObject({ handled: 1, failed: 1 });
      await queue.close();
      expect(test.pendingTimers).toBe(0);
    }));

  it("is not the only one who is told: so is a caller who came at the same time as the one that does not end", () =>
    inTestTime(async (test) => {
      const queue = createMessageQueue("mails", () => new Promise<void>(() => undefined), { stallAfterMs: 1_000 });
      void queue.run(mail(1));
      const second = rejectionOf(queue.run(mail(2)));
      await test.clock.advanceBy(2_000);
      expect(await second).toMatchObject({ code: "queue-stalled" });
    }));

  it("lets nobody in while all are told", () =>
    inTestTime(async (test) => {
      const { desk, queue, outside } = await crowded(test);
      const fates = outside.map((one) => rejectionOf(one));
      await test.clock.advanceBy(2_000);
      for (const fate of fates) expect(await fate).toMatchObject({ code: "queue-stalled" });
      expect(queue.statistics()).toMatchObject({ depth: 63, waitingSenders: 0 });
      const closed = queue.close();
      desk.letGo(1);
      await closed;
    }));

  it("is not told so while messages end, however long the queue is", () =>
    inMovingTime(async () => {
      const queue = createMessageQueue("mails", () => sleep(900), { capacity: 1, stallAfterMs: 1_000 });
      await Promise.all(Array.from({ length: 20 }, (_, number) => queue.run(mail(number))));
      await queue.drain();
      expect(queue.statistics().handled).toBe(20);
    }));
});

describe("a reader that does not end", () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it("is told after a while, and so are those behind it, and the queue goes on", () =>
    inTestTime(async (test) => {
      const handled: number[] = [];
      const queue = createMessageQueue("mails", ({ number }: Mail) => void handled.push(number), { stallAfterMs: 1_000 });
      const fates = [queue.read(never), queue.read(() => 1), queue.read(never)].map((one) => rejectionOf(one));
      await queue.post(mail(1));
      await test.clock.advanceBy(999);
      expect(handled).toEqual([]);
      await test.clock.advanceBy(1_001);
      for (const fate of fates) {
        expect(await fate).toMatchObject({
          code: "queue-stalled",
          message: expect.stringContaining("a reader has not ended") as string,
          details: { inProgress: 0 },
        });
      }
      await test.settle();
      expect(handled).toEqual([1]);
      await queue.run(mail(2));
      expect(await queue.read((version) => version)).toBe(2);
      await queue.close();
      expect(test.pendingTimers).toBe(0);
    }));

  it("is told also when all messages are taken back meanwhile, for which nobody else has to wait", () =>
    inTestTime(async (test) => {
      const queue = createMessageQueue("mails", () => undefined, { stallAfterMs: 1_000 });
      const read = rejectionOf(queue.read(never));
      const caller = new AbortController();
      const canceled = rejectionOf(queue.run(mail(1), { signal: caller.signal }));
      const idle = queue.idle();
      caller.abort();
      expect(await canceled).toMatchObject({ code: "message-canceled" });
      expect(await fateOf(test, idle)).toBe("resolved");
      await test.clock.advanceBy(2_000);
      expect(await read).toMatchObject({ code: "queue-stalled" });
      expect(test.pendingTimers).toBe(0);
    }));

  it("is no other than one that ends in time, however many there are", () =>
    inMovingTime(async () => {
      const queue = createMessageQueue("mails", () => undefined, { stallAfterMs: 1_000 });
      const reads = Array.from({ length: 5 }, (_, number) => queue.read(async () => (await sleep(900), number)));
      const run = queue.run(mail(1));
      expect(await Promise.all(reads)).toEqual([0, 1, 2, 3, 4]);
      await run;
    }));

  it("leaves no timer behind when it has ended", () =>
    inTestTime(async (test) => {
      const queue = createMessageQueue("mails", () => undefined);
      expect(await queue.read(() => 1)).toBe(1);
      await test.settle();
      expect(test.pendingTimers).toBe(0);
    }));
});
