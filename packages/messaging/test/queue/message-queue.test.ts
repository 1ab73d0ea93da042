import { sleep } from "@reactive-domain/core";
import { createCommandBus, createEventBus, createMessageQueue, MessageBuilder, type QueueFailure } from "@reactive-domain/messaging";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { Desk, fateOf, inMovingTime, inTestTime, Mail, mail, numbersOf, Sum } from "./mails.ts";

describe("a queue", () => {
  it("E1: hands messages over in the order in which they were posted, also with several publishers", () =>
    inTestTime(async () => {
      const handled: string[] = [];
      const events = createEventBus();
      const queue = createMessageQueue("mails", ({ to, number }: Mail) => void handled.push(`${to} ${number}`), { capacity: 3 });
      events.subscribe(Mail, queue.post);
      const publish = async (to: string): Promise<void> => {
        for (let number = 0; number < 20; number++) await events.publish(mail(number, to));
      };
      await Promise.all([publish("ann"), publish("bob")]);
      await queue.idle();
      for (const to of ["ann", "bob"]) {
        expect(handled.filter((one) => one.startsWith(to))).toEqual(Array.from({ length: 20 }, (_, number) => `${to} ${number}`));
      }
    }));

  it("lets whoever posts go on before the handler begins", async () => {
    const handled: number[] = [];
    const queue = createMessageQueue("mails", ({ number }: Mail) => void handled.push(number));
    const posted = queue.post(mail(1));
    expect(handled).toEqual([]);
    await posted;
    await queue.idle();
    expect(handled).toEqual([1]);
  });

  it("E1: answers a command with what its handler answers, of that type", async () => {
    const commands = createCommandBus();
    const sums = createMessageQueue("sums", async ({ numbers }: Sum) => numbers.reduce((sum, number) => sum + number, 0));
    commands.handle(Sum, sums.run);
    const answer = commands.send(new Sum({ numbers: [1, 2, 3] }));
    expectTypeOf(answer).toEqualTypeOf<Promise<number>>();
    expectTypeOf(sums.run).returns.toEqualTypeOf<Promise<number>>();
    expect(await answer).toBe(6);
  });

  it("E4: goes on after a handler that throws, at once or later, and reports it", async () => {
    const failures: QueueFailure<Mail>[] = [];
    const handled: number[] = [];
    const queue = createMessageQueue(
      "mails",
      ({ number }: Mail) => {
        if (number === 1) throw new Error("at once");
        if (number === 2) return Promise.reject(new Error("later"));
        return void handled.push(number);
      },
      { onFailure: (failure) => failures.push(failure) },
    );
    await Promise.all([1, 2, 3].map((number) => queue.post(mail(number))));
    await queue.idle();
    expect(handled).toEqual([3]);
    expect(failures.map(({ queue: name, messages, error }) => [name, numbersOf(messages), (error as Error).message])).toEqual([
      ["mails", [1], "at once"],
      ["mails", [2], "later"],
    ]);
    expect(queue.statistics()).toMatchObject({ handled: 1, failed: 2, dropped: 0 });
  });

  it("E4: rejects the caller of run with what the handler threw", async () => {
    const error = new Error("no");
    const queue = createMessageQueue("mails", () => Promise.reject(error));
    expect(await rejectionOf(queue.run(mail(1)))).toBe(error);
  });

  it("E4: warns of what nobody else hears of, and of a report that fails, with what it was of", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const fail = (): never => {
      throw new Error("handler");
    };
    const quiet = createMessageQueue("quiet", fail);
    await quiet.post(mail(1));
    await quiet.idle();
    await rejectionOf(quiet.run(mail(2)));
    const loud = createMessageQueue("loud", fail, { onFailure: () => Promise.reject(new Error("report")) });
    await loud.post(mail(1));
    await loud.idle();
    expect(warn.mock.calls.map(([warning]) => (warning as Error).message)).toEqual(["handler", "handler", "report"]);
    warn.mockRestore();
  });

  it("E3: handles a message once that comes twice in a row, and counts it once", async () => {
    let runs = 0;
    const queue = createMessageQueue("sums", ({ numbers }: Sum) => numbers.length + runs++, { skipRepeated: true });
    const [first, second] = [new Sum({ numbers: [1] }), new Sum({ numbers: [1, 2] })];
    await queue.post(first);
    expect(await Promise.all([queue.run(first), queue.run(first)])).toEqual([1, 1]);
    expect(await queue.run(first)).toBe(1);
    expect(await queue.run(second)).toBe(3);
    expect(await queue.run(first)).toBe(3);
    expect(await queue.read((version) => version)).toBe(3);
  });

  it("E3: handles a message again that failed before, and without the option always", async () => {
    let runs = 0;
    const flaky = createMessageQueue("mails", () => (runs++ === 0 ? Promise.reject(new Error("no")) : runs), { skipRepeated: true });
    const message = MessageBuilder.create(mail(1), { id: "m-1" });
    await rejectionOf(flaky.run(message));
    expect(await flaky.run(MessageBuilder.create(mail(1), { id: "m-1" }))).toBe(2);
    const every = createMessageQueue("mails", () => ++runs);
    await every.run(message);
    expect(await every.run(message)).toBe(4);
  });

  it("E3: looks for the message before it among those of its key, and remembers as many keys as may wait", async () => {
    const handled: string[] = [];
    const queue = createMessageQueue("mails", ({ to, number }: Mail) => handled.push(`${to} ${number}`), {
      capacity: 2,
      skipRepeated: true,
      partitionBy: ({ to }) => to,
    });
    const [ann, bob, cid] = [mail(1, "ann"), mail(2, "bob"), mail(3, "cid")];
    for (const one of [ann, bob, ann, bob, ann, cid, ann, bob]) await queue.run(one);
    expect(handled).toEqual(["ann 1", "bob 2", "cid 3", "bob 2"]);
  });

  it("E3: gives a repetition up with the first caller, whose signal stands for both", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { skipRepeated: true });
      const [first, second] = [new AbortController(), new AbortController()];
      await queue.post(mail(1));
      await test.settle();
      const message = mail(2);
      const running = queue.run(message, { signal: first.signal });
      const repeated = queue.run(message, { signal: second.signal });
      second.abort();
      expect(await fateOf(test, repeated)).toBe("pending");
      first.abort();
      expect(await fateOf(test, running)).toBe("message-canceled");
      expect(await fateOf(test, repeated)).toBe("message-canceled");
      desk.letGo(1);
      await queue.idle();
      expect(desk.ended).toEqual([1]);
    }));

  it("E9: is read between handlers only, and the version is how many have ended", () =>
    inMovingTime(async () => {
      const state = { left: 0, right: 0 };
      const queue = createMessageQueue(
        "mails",
        async ({ number }: Mail) => {
          state.left++;
          await sleep(10);
          state.right++;
          if (number === 3) throw new Error("no");
        },
        { parallelism: 3, onFailure: () => undefined },
      );
      const seen: unknown[] = [];
      for (let number = 0; number < 8; number++) {
        await queue.post(mail(number));
        await sleep(3);
        seen.push(queue.read((version) => [version, state.left, state.right]));
        seen.push(queue.read(async (version) => (await sleep(1), [version, state.left, state.right])));
      }
      await queue.idle();
      for (const [version, left, right] of (await Promise.all(seen)) as [number, number, number][]) {
        expect([left, right]).toEqual([version, version]);
      }
      expect(await queue.read((version) => version)).toBe(8);
    }));

  it("E9: is read before the next message begins, which waits until it is done", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle);
      const reads = [new AbortController(), new AbortController()];
      const read = (index: number): Promise<number> =>
        queue.read(async (version) => {
          await new Promise<void>((resolve) => reads[index]?.signal.addEventListener("abort", () => resolve()));
          return version;
        });
      const first = read(0);
      await queue.post(mail(1));
      await test.settle();
      expect(desk.begun).toEqual([]);
      reads[0]?.abort();
      expect(await first).toBe(0);
      await test.settle();
      await queue.post(mail(2));
      const second = read(1);
      desk.letGo(1);
      await test.settle();
      expect(desk.begun).toEqual([1]);
      reads[1]?.abort();
      expect(await second).toBe(1);
      await test.settle();
      expect(desk.begun).toEqual([1, 2]);
      desk.letGo(2);
      await queue.idle();
    }));

  it("E9: gives a reader what it throws, and goes on", async () => {
    const queue = createMessageQueue("mails", () => undefined);
    const error = new Error("no");
    expect(await rejectionOf(queue.read(() => Promise.reject(error)))).toBe(error);
    await queue.run(mail(1));
    expect(await queue.read((version) => version)).toBe(1);
  });

  it("tells how it is doing", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { capacity: 2 });
      const first = mail(1);
      await queue.post(first);
      await test.settle();
      await test.clock.advanceBy(100);
      await queue.post(mail(2));
      await test.clock.advanceBy(50);
      await queue.post(mail(3));
      const waiting = queue.post(mail(4));
      expect(queue.statistics()).toEqual({
        name: "mails",
        depth: 2,
        waitingSenders: 1,
        oldestAgeMs: 50,
        perSecond: 1,
        current: [{ message: first, runningMs: 150 }],
        handled: 0,
        failed: 0,
        dropped: 0,
      });
      for (const number of [1, 2, 3, 4]) {
        desk.letGo(number);
        await test.settle();
      }
      await waiting;
      expect(queue.statistics()).toMatchObject({ depth: 0, waitingSenders: 0, oldestAgeMs: 0, perSecond: 4, current: [], handled: 4 });
      await test.clock.advanceBy(1_850);
      expect(queue.statistics().perSecond).toBe(2);
      await test.clock.advanceBy(60_000);
      expect(queue.statistics().perSecond).toBe(0);
    }));

  it("keeps at work as many handlers as its parallelism says", () =>
    inTestTime(async (test) => {
      const desk = new Desk();
      const queue = createMessageQueue("mails", desk.handle, { parallelism: 3 });
      for (let number = 1; number <= 6; number++) await queue.post(mail(number));
      await test.settle();
      expect(desk.begun).toEqual([1, 2, 3]);
      desk.letGo(2);
      await test.settle();
      expect(desk.begun).toEqual([1, 2, 3, 4]);
      expect(await fateOf(test, queue.idle())).toBe("pending");
      void queue.close();
      for (const number of [1, 3, 4]) desk.letGo(number);
    }));

  it("lets the event loop turn while handlers wait for nothing", async () => {
    let handledAtTurn = 0;
    const queue = createMessageQueue(
      "mails",
      ({ number }: Mail) => {
        if (number === 0) setImmediate(() => (handledAtTurn = queue.statistics().handled));
      },
      { capacity: 10_000 },
    );
    for (let number = 0; number < 5_000; number++) await queue.post(mail(number));
    await queue.idle();
    expect(handledAtTurn).toBeGreaterThan(0);
    expect(handledAtTurn).toBeLessThan(5_000);
  });

  it.each([
    ["a blank name", () => createMessageQueue(" ", () => undefined)],
    ["no handler", () => createMessageQueue("mails", undefined as never)],
    ["no capacity", () => createMessageQueue("mails", () => undefined, { capacity: 0 })],
    ["half a handler", () => createMessageQueue("mails", () => undefined, { parallelism: 0.5 })],
    ["an unknown policy", () => createMessageQueue("mails", () => undefined, { whenFull: "explode" as never })],
    ["no time to stall", () => createMessageQueue("mails", () => undefined, { stallAfterMs: 0 })],
    ["lanes of one name", () => createMessageQueue("mails", () => undefined, { lanes: ["a", "a"] })],
    ["laneOf without lanes", () => createMessageQueue("mails", () => undefined, { laneOf: () => "a" })],
  ])("is refused with %s", (_, create) => {
    expect(refusalOf(create)).toMatchObject({ code: "invalid-argument" });
  });

  it.each([
    ["options that are nothing", null],
    ["options that are a text", "fast"],
    ["a key that is no function", { partitionBy: "to" }],
    ["a lane that is no function", { lanes: ["a"], laneOf: "a" }],
    ["a report that is no function", { onFailure: "warn" }],
    ["repetitions that are neither skipped nor not", { skipRepeated: "yes" }],
    ["lanes that are a text", { lanes: "ab" }],
    ["lanes that are nothing", { lanes: null }],
    ["a lane that is no text", { lanes: [Number.NaN] }],
    ["a lane that is nothing", { lanes: [null] }],
    ["a lane that is blank", { lanes: [" "] }],
  ])("is refused with %s", (_, options) => {
    expect(refusalOf(() => createMessageQueue("mails", () => undefined, options as never))).toMatchObject({ code: "invalid-argument" });
  });

  it("refuses a message whose key is a promise: each would have a key of its own", async () => {
    const partitionBy = ({ to }: Mail): Promise<string> => (to === "ann" ? Promise.resolve(to) : Promise.reject(new Error("no")));
    const queue = createMessageQueue("mails", () => undefined, { partitionBy });
    const refused = { code: "invalid-argument", details: { argument: "The key of a message of mails" } };
    expect(await rejectionOf(queue.post(mail(1, "ann")))).toMatchObject(refused);
    expect(await rejectionOf(queue.run(mail(2, "bob")))).toMatchObject(refused);
    expect(queue.statistics().depth).toBe(0);
  });

  it("refuses what is no message", async () => {
    const queue = createMessageQueue("mails", () => undefined);
    expect(await rejectionOf(queue.post("mail" as never))).toMatchObject({ code: "invalid-argument" });
    expect(await rejectionOf(queue.run("mail" as never))).toMatchObject({ code: "invalid-argument" });
  });
});
