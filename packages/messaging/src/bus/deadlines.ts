import type { CancelTask, Runtime } from "@reactive-domain/core";
import { Chain, type Linked } from "../chain.ts";

/** Something that is to be done by a time, in a line of those that were given as long. What waits for itself derives from it: that is one object less. */
export abstract class Deadline implements Linked<Deadline> {
  dueMs = 0;
  /** Where it stands, until it is due or lifted. */
  line: Chain<Deadline> | undefined = undefined;
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;

  abstract onDue(): void;
}

class CallBack extends Deadline {
  readonly #onDue: () => void;

  constructor(onDue: () => void) {
    super();
    this.#onDue = onDue;
  }

  override onDue(): void {
    this.#onDue();
  }
}

/** Who asks for more different lengths than this pays with a look at each of them whenever a timer is set. */
const MAX_IDLE_LINES = 64;

/**
 * Deadlines of many calls on one timer. Those that are given as long stand in one line, the first due first, so that setting and lifting one takes a few steps
 * however many there are: a timer for each would cost more than the call.
 */
export class Deadlines {
  readonly #runtime: Runtime;
  readonly #lines = new Map<number, Chain<Deadline>>();
  #pending = 0;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #cancelTimer: CancelTask | undefined;
  #isLookingLater = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Calls once when so many milliseconds have passed, unless it is lifted before. */
  set(afterMs: number, onDue: () => void): Deadline {
    const deadline = new CallBack(onDue);
    this.start(deadline, afterMs);
    return deadline;
  }

  start(deadline: Deadline, afterMs: number): void {
    const line = this.#lineOf(afterMs);
    deadline.dueMs = this.#runtime.clock.monotonicMs() + afterMs;
    deadline.line = line;
    line.push(deadline);
    this.#pending++;
    if (deadline.dueMs < this.#timerDueMs) this.#arm(deadline.dueMs);
  }

  lift(deadline: Deadline): void {
    const { line } = deadline;
    if (line === undefined) return;
    line.remove(deadline);
    deadline.line = undefined;
    this.#pending--;
    // A timer that nobody needs keeps a process alive; but whoever sends one after another would set and end one each time.
    if (this.#pending > 0 || this.#isLookingLater) return;
    this.#isLookingLater = true;
    this.#runtime.scheduler.soon(() => {
      this.#isLookingLater = false;
      if (this.#pending === 0) this.#disarm();
    });
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

  #arm(dueMs: number): void {
    this.#cancelTimer?.();
    this.#timerDueMs = dueMs;
    this.#cancelTimer = this.#runtime.scheduler.after(Math.max(0, dueMs - this.#runtime.clock.monotonicMs()), () => this.#onTimer());
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
    if (nextMs < this.#timerDueMs) this.#arm(nextMs);
  }
}
