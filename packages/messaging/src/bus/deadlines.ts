import type { CancelTask, Runtime } from "@reactive-domain/core";
import { Chain, type Linked } from "../chain.ts";

/** Something that is to be done when a time has passed. What waits for itself derives from it: that is one object less. */
export abstract class Deadline implements Linked<Deadline> {
  readonly afterMs: number;
  /** Known when the loop has turned. */
  dueMs = 0;
  /** Where it stands, until it is due or lifted. */
  line: Chain<Deadline> | undefined = undefined;
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;

  constructor(afterMs: number) {
    this.afterMs = afterMs;
  }

  abstract onDue(): void;
}

class CallBack extends Deadline {
  readonly #onDue: () => void;

  constructor(afterMs: number, onDue: () => void) {
    super(afterMs);
    this.#onDue = onDue;
  }

  override onDue(): void {
    this.#onDue();
  }
}

/** Who asks for more different lengths than this pays with a look at each of them whenever a timer is set. */
const MAX_IDLE_LINES = 64;

/**
 * Deadlines of many calls on one timer. Most calls end in the turn of the event loop in which they began, so setting and lifting a deadline is a few assignments; what
 * is still there when the loop has turned gets its time then, with one look at the clock for all. It runs a turn longer than it was given, and never shorter. Those
 * that are given as long stand in one line, the first due first.
 */
export class Deadlines {
  readonly #runtime: Runtime;
  /** Those of this turn. */
  readonly #fresh = new Chain<Deadline>();
  readonly #lines = new Map<number, Chain<Deadline>>();
  #pending = 0;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #cancelTimer: CancelTask | undefined;
  #willLook = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Calls once when so many milliseconds have passed, unless it is lifted before. */
  set(afterMs: number, onDue: () => void): Deadline {
    const deadline = new CallBack(afterMs, onDue);
    this.start(deadline);
    return deadline;
  }

  start(deadline: Deadline): void {
    deadline.line = this.#fresh;
    this.#fresh.push(deadline);
    this.#pending++;
    if (!this.#willLook) this.#lookSoon();
  }

  lift(deadline: Deadline): void {
    const { line } = deadline;
    if (line === undefined) return;
    line.remove(deadline);
    deadline.line = undefined;
    // A timer that nobody needs keeps a process alive; but whoever sends one after another would set and end one each time.
    if (--this.#pending === 0 && !this.#willLook) this.#lookSoon();
  }

  #lookSoon(): void {
    this.#willLook = true;
    this.#runtime.scheduler.soon(() => {
      this.#willLook = false;
      if (this.#pending === 0) this.#disarm();
      else this.#timeFresh();
    });
  }

  #timeFresh(): void {
    const nowMs = this.#runtime.clock.monotonicMs();
    let firstDueMs = this.#timerDueMs;
    for (let deadline = this.#fresh.first; deadline !== undefined; deadline = this.#fresh.first) {
      this.#fresh.remove(deadline);
      deadline.dueMs = nowMs + deadline.afterMs;
      deadline.line = this.#lineOf(deadline.afterMs);
      deadline.line.push(deadline);
      firstDueMs = Math.min(firstDueMs, deadline.dueMs);
    }
    if (firstDueMs < this.#timerDueMs) this.#arm(firstDueMs, nowMs);
  }

  #lineOf(afterMs: number): Chain<Deadline> {
    let line = this.#lines.get(afterMs);
    if (line === undefined) {
      if (this.#lines.size >= MAX_IDLE_LINES) this.#dropIdleLines();
      line = new Chain();
      this.#lines.set(afterMs, line);
    }
    return line;
  }

  #dropIdleLines(): void {
    for (const [afterMs, { first }] of this.#lines) if (first === undefined) this.#lines.delete(afterMs);
  }

  #arm(dueMs: number, nowMs: number): void {
    this.#cancelTimer?.();
    this.#timerDueMs = dueMs;
    this.#cancelTimer = this.#runtime.scheduler.after(Math.max(0, dueMs - nowMs), () => this.#onTimer());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }

  #onTimer(): void {
    this.#disarm();
    const nowMs = this.#runtime.clock.monotonicMs();
    const due: Deadline[] = [];
    for (const { first } of this.#lines.values())
      for (let deadline = first; deadline !== undefined && deadline.dueMs <= nowMs; deadline = deadline.after) due.push(deadline);
    due.sort((one, other) => one.dueMs - other.dueMs);
    for (const deadline of due) {
      // One that came first may have lifted it.
      if (deadline.line === undefined) continue;
      this.lift(deadline);
      deadline.onDue();
    }
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { first } of this.#lines.values()) if (first !== undefined) nextMs = Math.min(nextMs, first.dueMs);
    if (nextMs < this.#timerDueMs) this.#arm(nextMs, nowMs);
  }
}
