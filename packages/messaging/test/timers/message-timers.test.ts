import { sleep, withRuntime } from "@reactive-domain/core";
import { createMessageTimers, MessageBuilder, metadataOf } from "@reactive-domain/messaging";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { type Mail, mail } from "../queue/mails.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { setUp, START_MS } from "./set-up.ts";

describe("a message timer", () => {
  it("E7: sends a message when it is due, and not before", async () => {
    const { test, timers, sent } = setUp();
    const message = mail(1);
    await timers.set({ id: "a", dueMs: START_MS + 50, message });
    await test.clock.advanceBy(49);
    expect(sent).toEqual([]);
    await test.clock.advanceBy(1);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBe(message);
    await test.clock.advanceBy(1_000);
    expect(sent).toHaveLength(1);
    expect(test.pendingTimers).toBe(0);
  });

  it("E7: sends at once what is due already", async () => {
    const { test, timers, numbers } = setUp();
    await timers.set({ id: "a", dueMs: START_MS, message: mail(1) });
    await timers.set({ id: "b", dueMs: START_MS - 10, message: mail(2) });
    await test.settle();
    expect(new Set(numbers())).toEqual(new Set([1, 2]));
  });

  it("E7: sends all that are due at one time, and others in the order of their times, with one task for the first", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }),
        fc.infiniteStream(fc.nat(3)),
        async (delays, fates) => {
          const { test, timers, numbers } = setUp();
          const expected: { number: number; dueMs: number }[] = [];
          for (const [number, delayMs] of delays.entries()) {
            await timers.set({ id: `${number}`, dueMs: START_MS + delayMs, message: mail(number) });
            if (fates.next().value === 0) await timers.cancel(`${number}`);
            else expected.push({ number, dueMs: delayMs });
            expect(test.pendingTimers).toBe(expected.length === 0 ? 0 : 1);
          }
          await test.clock.advanceBy(30);
          expect(numbers()).toEqual(expected.toSorted((a, b) => a.dueMs - b.dueMs).map(({ number }) => number));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("takes the place of one with the same id", async () => {
    const { test, timers, numbers } = setUp();
    await timers.set({ id: "a", dueMs: START_MS + 10, message: mail(1) });
    await timers.set({ id: "a", dueMs: START_MS + 20, message: mail(2) });
    await test.clock.advanceBy(19);
    expect(numbers()).toEqual([]);
    await test.clock.advanceBy(1);
    expect(numbers()).toEqual([2]);
  });

  it("is cancelled once", async () => {
    const { test, timers, sent } = setUp();
    await timers.set({ id: "a", dueMs: START_MS + 10, message: mail(1) });
    expect(await timers.cancel("a")).toBe(true);
    expect(await timers.cancel("a")).toBe(false);
    expect(test.pendingTimers).toBe(0);
    await test.clock.advanceBy(100);
    expect(sent).toEqual([]);
  });

  it("that recurs sends copies with ids of their own, which are the same in every run", async () => {
    const run = async (): Promise<readonly unknown[]> => {
      const { test, timers, sent } = setUp();
      const message = MessageBuilder.create(mail(1), { id: "mail-1" });
      await timers.set({ id: "a", dueMs: START_MS + 10, everyMs: 10, message });
      await test.clock.advanceBy(35);
      expect(sent).toEqual([message, message, message]);
      expect(sent.every((one) => metadataOf(one).causationId === metadataOf(message).id)).toBe(true);
      expect(sent.every((one) => metadataOf(one).correlationId === metadataOf(message).correlationId)).toBe(true);
      expect(sent.map((one) => metadataOf(one).timeMs - START_MS)).toEqual([10, 20, 30]);
      await timers.cancel("a");
      await test.clock.advanceBy(100);
      expect(sent).toHaveLength(3);
      return sent.map((one) => metadataOf(one).id);
    };
    const ids = await run();
    expect(new Set(ids).size).toBe(3);
    expect(await run()).toEqual(ids);
  });

  it("that recurs catches up with one message, and keeps its times", async () => {
    const { test, timers, sent } = setUp();
    await timers.set({ id: "a", dueMs: START_MS - 95, everyMs: 10, message: mail(1) });
    await test.settle();
    expect(sent).toHaveLength(1);
    await test.clock.advanceBy(4);
    expect(sent).toHaveLength(1);
    await test.clock.advanceBy(1);
    expect(sent).toHaveLength(2);
    await test.clock.advanceBy(10);
    expect(sent).toHaveLength(3);
  });

  it("E4: goes on after a delivery that fails, which is reported", async () => {
    const failures: unknown[] = [];
    const deliver = ({ number }: Mail): Promise<void> => (number === 1 ? Promise.reject(new Error("no")) : Promise.resolve());
    const { test, timers } = setUp({ deliver, onFailure: ({ timer, error }) => failures.push([timer.id, (error as Error).message]) });
    await timers.set({ id: "a", dueMs: START_MS + 1, everyMs: 1, message: mail(1) });
    await test.clock.advanceBy(2);
    expect(failures).toEqual([
      ["a", "no"],
      ["a", "no"],
    ]);
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const silent = setUp({ deliver });
    await silent.timers.set({ id: "a", dueMs: START_MS, message: mail(1) });
    await silent.test.settle();
    expect(warn.mock.calls.map(([warning]) => (warning as Error).message)).toEqual(["no"]);
    warn.mockRestore();
  });

  it("waits for the delivery before it", async () => {
    const order: string[] = [];
    const deliver = async ({ number }: Mail): Promise<void> => {
      order.push(`begin ${number}`);
      await withRuntime(test.runtime, () => sleep(10));
      order.push(`end ${number}`);
    };
    const { test, timers } = setUp({ deliver: (message) => deliver(message) });
    for (const number of [1, 2]) await timers.set({ id: `${number}`, dueMs: START_MS + number, message: mail(number) });
    await test.clock.advanceBy(50);
    expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });

  it("sends nothing once it is closed, which waits for the delivery in progress", async () => {
    const order: string[] = [];
    const { test, timers } = setUp({
      deliver: async ({ number }: Mail) => {
        order.push(`begin ${number}`);
        await withRuntime(test.runtime, () => sleep(10));
        order.push(`end ${number}`);
      },
    });
    for (const number of [1, 2]) await timers.set({ id: `${number}`, dueMs: START_MS + 1, message: mail(number) });
    await test.clock.advanceBy(1);
    const closed = timers.close().then(() => order.push("closed"));
    await test.clock.advanceBy(100);
    await closed;
    expect(order).toEqual(["begin 1", "end 1", "closed"]);
    expect(test.pendingTimers).toBe(0);
    expect(await rejectionOf(timers.set({ id: "3", dueMs: 0, message: mail(3) }))).toMatchObject({ code: "already-closed" });
    expect(await rejectionOf(timers.cancel("2"))).toMatchObject({ code: "already-closed" });
  });

  it("leaves no task behind when it is closed before it is due", async () => {
    const { test, timers } = setUp();
    {
      await using used = timers;
      await used.set({ id: "a", dueMs: START_MS + 10, message: mail(1) });
      expect(test.pendingTimers).toBe(1);
    }
    expect(test.pendingTimers).toBe(0);
  });

  it.each([
    ["a blank id", { id: " " }],
    ["a time that is no integer", { dueMs: 0.5 }],
    ["no time between", { everyMs: 0 }],
    ["a time between that is no integer", { everyMs: 1.5 }],
    ["no message", { message: "mail" as never }],
  ])("is refused with %s", async (_, wrong) => {
    const { test, timers } = setUp();
    expect(await rejectionOf(timers.set({ id: "a", dueMs: START_MS + 1, message: mail(1), ...wrong }))).toMatchObject({
      code: "invalid-argument",
    });
    expect(test.pendingTimers).toBe(0);
    expect(refusalOf(() => createMessageTimers({ deliver: undefined as never }))).toMatchObject({ code: "invalid-argument" });
  });

  it.each([[undefined], [null], ["timer"]])("is refused where it is %j", async (timer) => {
    const { timers } = setUp();
    expect(await rejectionOf(timers.set(timer as never))).toMatchObject({ code: "invalid-argument" });
  });

  it.each([[undefined], [null], [{ deliver: () => undefined, onFailure: "warn" }]])("is not made with %j", (options) => {
    expect(refusalOf(() => createMessageTimers(options as never))).toMatchObject({ code: "invalid-argument" });
  });
});
