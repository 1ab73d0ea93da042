import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { onAbort } from "../../src/runtime/on-abort.ts";

describe("what is to run when a signal aborts", () => {
  it("runs once, and not when it was called off", () => {
    const abort = new AbortController();
    const ran: string[] = [];
    onAbort(abort.signal, () => ran.push("first"));
    const leave = onAbort(abort.signal, () => ran.push("second"));
    const third = onAbort(abort.signal, () => ran.push("third"));
    leave();
    abort.abort();
    abort.abort();
    third();
    expect(ran).toEqual(["first", "third"]);
  });

  it("may call off what would run behind it, and be given twice", () => {
    const abort = new AbortController();
    const ran: string[] = [];
    let leaveLast = (): void => undefined;
    const twice = (): void => {
      ran.push("twice");
      leaveLast();
    };
    onAbort(abort.signal, twice);
    onAbort(abort.signal, twice);
    leaveLast = onAbort(abort.signal, () => ran.push("last"));
    abort.abort();
    expect(ran).toEqual(["twice", "twice"]);
  });

  it("leaves nothing on the signal when nothing is left to run, and listens anew for more", () => {
    const abort = new AbortController();
    const ran: string[] = [];
    const leaves = [onAbort(abort.signal, () => ran.push("first")), onAbort(abort.signal, () => ran.push("second"))];
    expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
    for (const leave of leaves) leave();
    expect(getEventListeners(abort.signal, "abort")).toEqual([]);
    onAbort(abort.signal, () => ran.push("third"));
    for (const leave of leaves) leave();
    abort.abort();
    expect(ran).toEqual(["third"]);
  });

  it("is nothing without a signal, and with one that is aborted", () => {
    const ran: string[] = [];
    onAbort(undefined, () => ran.push("never"))();
    onAbort(AbortSignal.abort(), () => ran.push("never"))();
    expect(ran).toEqual([]);
  });
});
