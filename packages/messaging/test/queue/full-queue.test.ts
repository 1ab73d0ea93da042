import { sleep } from "@reactive-domain/core";
import { createMessageQueue } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { rejectionOf } from "../refusal.ts";
import { Desk, fateOf, inMovingTime, inTestTime, type Mail, mail } from "./mails.ts";

describe("a full queue that lets senders wait", () => {
  it("takes them in, in their order, as messages begin", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 2 });
      await queue.post(mail(0));
      await test.settle();
      const accepted: number[] = [];
      for (let number = 1; number <= 5; number++) void queue.post(mail(number)).then(() => accepted.push(number));
      await test.settle();
      expect(accepted).toEqual([1, 2]);
      expect(queue.statistics()).toMatchObject({ depth: 2, waitingSenders: 3 });
      desk.letGo(0);
      await test.settle();
      expect(accepted).toEqual([1, 2, 3]);
      for (let number = 1; number <= 5; number++) {
        desk.letGo(number);
        await test.settle();
      }
      expect(desk.ended).toEqual([0, 1, 2, 3, 4, 5]);
    }));

  it("E1: lets nobody overtake those who wait already", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const accepted: number[] = [];
      // Four at a time are let in.
      const queue = createMessageQueue("mails", desk.handle, { capacity: 64 });
      const post = (number: number): void => void queue.post(mail(number)).then(() => accepted.push(number));
      post(0);
      await test.settle();
      for (let number = 1; number <= 65; number++) post(number);
      desk.letGo(0);
      await test.settle();
      post(66);
      for (let number = 1; number <= 66; number++) {
        await test.settle();
        desk.letGo(number);
      }
      await queue.idle();
      expect(accepted).toEqual(Array.from({ length: 67 }, (_, number) => number));
      expect(desk.ended).toEqual(accepted);
    }));

  it("D15: gives a message back whose sender stops waiting, and one of run also when it waits inside", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 1 });
      const sender = new AbortController();
      const { signal } = sender;
      await queue.post(mail(0));
      await test.settle();
      const inside = queue.run(mail(1), { signal });
      const outside = queue.post(mail(2), { signal });
      const other = queue.post(mail(3));
      expect(await fateOf(test, outside)).toBe("pending");
      sender.abort();
      expect(await fateOf(test, inside)).toBe("message-canceled");
      expect(await fateOf(test, outside)).toBe("message-canceled");
      expect(await fateOf(test, other)).toBe("resolved");
      expect(await rejectionOf(queue.post(mail(4), { signal }))).toMatchObject({ code: "message-canceled" });
      desk.letGo(0);
      await test.settle();
      desk.letGo(3);
      await queue.idle();
      expect(desk.ended).toEqual([0, 3]);
    }));

  it("keeps a message of post whose signal aborts later, and lets go of signals", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 1 });
      const sender = new AbortController();
      await queue.post(mail(0));
      await test.settle();
      await queue.post(mail(1), { signal: sender.signal });
      const waiting = queue.post(mail(2), { signal: sender.signal });
      desk.letGo(0);
      await waiting;
      await test.settle();
      sender.abort();
      desk.letGo(1);
      await test.settle();
      desk.letGo(2);
      await queue.idle();
      expect(desk.ended).toEqual([0, 1, 2]);
    }));

  it("lets one in as soon as there is room while a worker has nothing to do, however many wait for one key", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 100, parallelism: 2, partitionBy: ({ to }: Mail) => to });
      await queue.post(mail(0));
      await test.settle();
      for (let number = 1; number <= 100; number++) await queue.post(mail(number));
      const other = queue.post(mail(101, "bob"));
      expect(await fateOf(test, other)).toBe("pending");
      desk.letGo(0);
      expect(await fateOf(test, other)).toBe("resolved");
      expect(desk.begun).toEqual([0, 1, 101]);
      const closed = queue.close();
      for (const number of [1, 101]) desk.letGo(number);
      await closed;
    }));

  it("lets all in for whom there is room before a worker has nothing to do", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      // Four at a time are let in while all are at work.
      const queue = createMessageQueue("mails", desk.handle, { capacity: 64, parallelism: 2, partitionBy: ({ to }: Mail) => to });
      await queue.post(mail(0));
      await queue.post(mail(1, "bob"));
      await test.settle();
      for (let number = 2; number <= 65; number++) await queue.post(mail(number));
      const other = queue.post(mail(66, "cid"));
      desk.letGo(0);
      expect(await fateOf(test, other)).toBe("pending");
      desk.letGo(1);
      expect(await fateOf(test, other)).toBe("resolved");
      expect(desk.begun).toEqual([0, 1, 2, 66]);
      const closed = queue.close();
      for (const number of [2, 66]) desk.letGo(number);
      await closed;
    }));

  it("takes back no message that has begun", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 1 });
      const caller = new AbortController();
      const running = queue.run(mail(0), { signal: caller.signal });
      await test.settle();
      caller.abort();
      expect(await fateOf(test, running)).toBe("pending");
      desk.letGo(0);
      await running;
      expect(queue.statistics()).toMatchObject({ depth: 0, handled: 1 });
    }));

  it("lets senders in several at a time where that saves work, and all of them in the end", () =>
    inMovingTime(async () => {
      const accepted: number[] = [];
      const queue = createMessageQueue("mails", () => sleep(1), { capacity: 64 });
      for (let number = 0; number < 200; number++) void queue.post(mail(number)).then(() => accepted.push(number));
      await queue.idle();
      expect(accepted).toEqual(Array.from({ length: 200 }, (_, number) => number));
      expect(queue.statistics().handled).toBe(200);
    }));
});

describe("a full queue that refuses", () => {
  it("says so, with an error that may be tried again", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 1, whenFull: "refuse" });
      await queue.post(mail(0));
      await test.settle();
      await queue.post(mail(1));
      const refused = { code: "queue-full", retryable: true, details: { queue: "mails", capacity: 1, isFromHandler: false } };
      expect(await rejectionOf(queue.post(mail(2)))).toMatchObject(refused);
      expect(await rejectionOf(queue.run(mail(2)))).toMatchObject(refused);
      desk.letGo(0);
      await test.settle();
      await queue.post(mail(3));
      desk.letGo(1);
      await test.settle();
      desk.letGo(3);
      await queue.idle();
      expect(desk.ended).toEqual([0, 1, 3]);
    }));
});

describe("a full queue that drops its oldest message", () => {
  it("tells the caller that waits for it, and counts it", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 2, whenFull: "dropOldest" });
      await queue.post(mail(0));
      await test.settle();
      const dropped = queue.run(mail(1));
      await queue.post(mail(2));
      await queue.post(mail(3));
      expect(await fateOf(test, dropped)).toBe("message-dropped");
      await queue.post(mail(4));
      expect(queue.statistics()).toMatchObject({ depth: 2, dropped: 2 });
      for (const number of [0, 3, 4]) {
        desk.letGo(number);
        await test.settle();
      }
      expect(desk.ended).toEqual([0, 3, 4]);
    }));

  it("drops the least urgent first, and the one that comes when all others are more urgent", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, {
        capacity: 2,
        whenFull: "dropOldest",
        partitionBy: ({ to }: Mail) => to,
        lanes: ["urgent", "usual"],
        laneOf: ({ number }) => (number < 10 ? "urgent" : "usual"),
      });
      await queue.post(mail(0));
      await test.settle();
      await queue.post(mail(1));
      await queue.post(mail(10));
      await queue.post(mail(2));
      expect(await fateOf(test, queue.run(mail(11)))).toBe("message-dropped");
      await queue.post(mail(3));
      for (const number of [0, 2, 3]) {
        desk.letGo(number);
        await test.settle();
      }
      expect(desk.ended).toEqual([0, 2, 3]);
      expect(queue.statistics().dropped).toBe(3);
    }));
});
