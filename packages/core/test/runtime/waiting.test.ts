import { sleep, waitWith, yieldToLoop, type Runtime } from "@reactive-domain/core";
import { systemRuntime, systemScheduler } from "@reactive-domain/core";
import { describe, expect, it } from "vitest";

/** A scheduler that runs what it was given when it is told to. */
function manualRuntime(): { readonly runtime: Runtime; readonly waiting: (() => void)[]; readonly cancelled: number[] } {
  const waiting: (() => void)[] = [];
  const cancelled: number[] = [];
  const after = (delayMs: number, task: () => void): (() => void) => {
    waiting.push(task);
    return () => cancelled.push(delayMs);
  };
  const soon = (task: () => void): void => void waiting.push(task);
  return { runtime: { ...systemRuntime, scheduler: { turn: () => undefined, soon, after } }, waiting, cancelled };
}

describe("waiting", () => {
  it("for a time ends when the scheduler says so", async () => {
    const { runtime, waiting } = manualRuntime();
    const end = sleep(1000, { runtime });
    waiting[0]?.();
    await expect(end).resolves.toBeUndefined();
  });

  it("is given up with the reason of the signal, and its timer cancelled", async () => {
    const { runtime, cancelled } = manualRuntime();
    const abort = new AbortController();
    const end = sleep(1000, { runtime, signal: abort.signal });
    abort.abort(new Error("no longer"));
    await expect(end).rejects.toThrow("no longer");
    expect(cancelled).toEqual([1000]);
  });

  it("is not begun when the signal is aborted already", async () => {
    const { runtime, waiting } = manualRuntime();
    await expect(sleep(1, { runtime, signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    expect(waiting).toEqual([]);
  });

  it("that is over leaves nothing on the signal", async () => {
    const abort = new AbortController();
    let listeners = 0;
    const counted = new Proxy(abort.signal, {
      get: (target, key) => {
        if (key === "addEventListener") listeners++;
        if (key === "removeEventListener") listeners--;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await waitWith(counted, (done) => {
      queueMicrotask(done);
      return () => undefined;
    });
    expect(listeners).toBe(0);
  });

  it("for the event loop lets waiting input and output go first", async () => {
    const order: string[] = [];
    setImmediate(() => order.push("waiting"));
    await yieldToLoop();
    expect(order).toEqual(["waiting"]);
  });

  it("on the system's scheduler can be cancelled, also twice", () => {
    const cancel = systemScheduler.after(2 ** 40, () => undefined);
    cancel();
    expect(cancel).not.toThrow();
    expect(systemScheduler.turn()).toBeUndefined();
  });
});
