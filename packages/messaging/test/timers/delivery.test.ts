import { derivedId, sleep, withRuntime } from "@reactive-domain/core";
import { Event, MessageBuilder, metadataOf } from "@reactive-domain/messaging";
import { describe, expect, it, vi } from "vitest";
import { type Mail, mail } from "../queue/mails.ts";
import { setUp, START_MS } from "./set-up.ts";

const SLOW_MS = 10;

/** Timers whose deliveries take a while, and what happened in which order. */
function slowly() {
  const order: string[] = [];
  const deliver = async ({ number }: Mail): Promise<void> => {
    order.push(`begin ${number}`);
    await withRuntime(all.test.runtime, () => sleep(SLOW_MS));
    order.push(`end ${number}`);
  };
  const all = setUp({ deliver: (message) => deliver(message) });
  return { ...all, order };
}

describe("the delivery of a message timer", () => {
  it("begins when the caller has gone on, also where it is due at once", async () => {
    const { test, timers, numbers } = setUp();
    const set = timers.set({ id: "a", dueMs: START_MS, message: mail(1) });
    expect(numbers()).toEqual([]);
    await set;
    await test.settle();
    expect(numbers()).toEqual([1]);
  });

  it("brings the message that was set, whatever becomes of the caller's object", async () => {
    const { test, timers, numbers } = setUp();
    const timer = { id: "a", dueMs: START_MS + 10, message: mail(1) };
    await timers.set(timer);
    timer.message = mail(2);
    await test.clock.advanceBy(10);
    expect(numbers()).toEqual([1]);
  });

  it("waits for the one in progress, also when it was set meanwhile and is due at once", async () => {
    const { test, timers, order } = slowly();
    await timers.set({ id: "1", dueMs: START_MS + 1, message: mail(1) });
    await test.clock.advanceBy(1);
    await timers.set({ id: "2", dueMs: START_MS, message: mail(2) });
    await test.clock.advanceBy(100);
    expect(order).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
  });

  it("ends the timer: there is nothing to cancel, and its id is free", async () => {
    const { test, timers, numbers } = setUp();
    await timers.set({ id: "a", dueMs: START_MS + 1, message: mail(1) });
    await timers.set({ id: "b", dueMs: START_MS + 5, message: mail(2) });
    await test.clock.advanceBy(1);
    expect(await timers.cancel("a")).toBe(false);
    await timers.set({ id: "a", dueMs: START_MS + 3, message: mail(3) });
    await test.clock.advanceBy(10);
    expect(numbers()).toEqual([1, 3, 2]);
  });

  it("of a recurring one that is late has the id of the time that it was due, and the time that it is", async () => {
    const late: Mail[] = [];
    const { test, timers } = setUp({
      deliver: async (message) => {
        if (message.number === 1) await withRuntime(test.runtime, () => sleep(SLOW_MS));
        else late.push(message);
      },
    });
    const message = MessageBuilder.create(mail(2), { id: "mail-2" });
    await timers.set({ id: "slow", dueMs: START_MS + 5, message: mail(1) });
    await timers.set({ id: "a", dueMs: START_MS + 6, everyMs: 100, message });
    await test.clock.advanceBy(5 + SLOW_MS);
    expect(late.map((one) => metadataOf(one))).toMatchObject([
      { id: derivedId("mail-2", "a", START_MS + 6), timeMs: START_MS + 5 + SLOW_MS, causationId: "mail-2" },
    ]);
  });

  it("E4: goes on when it is told of a failure and fails at that", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    const delivered: number[] = [];
    const { test, timers } = setUp({
      deliver: ({ number }) => {
        if (number === 1) throw new Error("no");
        delivered.push(number);
      },
      onFailure: () => Promise.reject(new Error("worse")),
    });
    await timers.set({ id: "1", dueMs: START_MS + 1, message: mail(1) });
    await timers.set({ id: "2", dueMs: START_MS + 2, message: mail(2) });
    await test.clock.advanceBy(10);
    expect(delivered).toEqual([2]);
    expect(warn.mock.calls.map(([warning]) => (warning as Error).message)).toEqual(["no", "worse"]);
    warn.mockRestore();
  });

  it("E4: waits until the failure before it has been told", async () => {
    const order: string[] = [];
    const { test, timers } = setUp({
      deliver: ({ number }) => {
        order.push(`deliver ${number}`);
        if (number === 1) throw new Error("no");
      },
      onFailure: async () => {
        await withRuntime(test.runtime, () => sleep(SLOW_MS));
        order.push("told");
      },
    });
    for (const number of [1, 2]) await timers.set({ id: `${number}`, dueMs: START_MS + 1, message: mail(number) });
    await test.clock.advanceBy(100);
    expect(order).toEqual(["deliver 1", "told", "deliver 2"]);
  });

  it("of a recurring one whose class has a constructor of its own has the payload that was set", async () => {
    class Letter extends Event("Letter")<{ to: string; number: number }> {
      constructor(to: string) {
        super({ to: to.trim(), number: 1 });
      }
    }
    const { test, timers, sent } = setUp();
    const letter: unknown = new Letter(" ann ");
    await timers.set({ id: "a", dueMs: START_MS + 10, everyMs: 10, message: letter as Mail });
    await test.clock.advanceBy(20);
    expect(sent.map((one) => Object.entries(one))).toEqual([1, 2].map(() => Object.entries(mail(1, "ann"))));
    expect(sent.every((one) => (one as unknown) instanceof Letter)).toBe(true);
  });

  it("E4: of a recurring one that cannot be copied is reported, and the others come", async () => {
    const failures: unknown[] = [];
    const { test, timers, numbers } = setUp({ onFailure: ({ timer, error }) => failures.push([timer.id, error]) });
    const message = mail(1);
    await timers.set({ id: "a", dueMs: START_MS + 10, everyMs: 10, message });
    await timers.set({ id: "b", dueMs: START_MS + 15, message: mail(2) });
    const error = new Error("no");
    Object.defineProperty(message, "number", {
      enumerable: true,
      get: () => {
        throw error;
      },
    });
    await test.clock.advanceBy(20);
    expect(numbers()).toEqual([2]);
    expect(failures).toEqual([
      ["a", error],
      ["a", error],
    ]);
    await timers.close();
  });
});
