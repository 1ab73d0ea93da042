import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import {
  AlreadyClosed,
  checkObject,
  currentRuntime,
  derivedId,
  InvalidArgument,
  warn,
  type CancelTask,
  type Runtime,
} from "@reactive-domain/core";
import { placeInChain } from "../bus/ambient.ts";
import { instantiate } from "../instantiate.ts";
import { classOf, metadataOf, type MessageBase } from "../message.ts";
import { checkFunction } from "../middleware/check-option.ts";
import { DueHeap, type Due } from "./due-heap.ts";
import type { MessageTimer, MessageTimers } from "./message-timers.ts";

/** A message that could not be delivered. */
export interface TimerFailure<M extends MessageBase = MessageBase> {
  readonly timer: MessageTimer<M>;
  readonly error: unknown;
}

export interface MessageTimersOptions<M extends MessageBase> {
  /** Brings a message that is due to where it is handled. The next one waits until it resolves, so that they arrive in the order of their times. */
  readonly deliver: (message: M) => unknown;
  /** Hears what `deliver` throws; the message is not tried again. Default: a process warning. What it throws itself is a warning, too, beside the failure. */
  readonly onFailure?: (failure: TimerFailure<M>) => unknown;
}

/**
 * Timers in the memory of this process, on the clock of the runtime in which they were made.
 *
 * @example
 * const timers = createMessageTimers({ deliver: (command: RemindCustomer) => commands.send(command) });
 * await timers.set({ id: "reminder-1", dueMs: systemRuntime.clock.now() + 60_000, message: new RemindCustomer({ customerId }) });
 *
 * Errors: `invalid-argument`.
 */
export function createMessageTimers<M extends MessageBase>(options: MessageTimersOptions<M>): MessageTimers<M> {
  checkObject("The options of message timers", options);
  checkFunction("onFailure", options.onFailure);
  if (typeof options.deliver !== "function") throw new InvalidArgument("deliver", "a function", options.deliver);
  return new InMemoryTimers(options);
}

interface Armed<M extends MessageBase> extends Due {
  readonly timer: MessageTimer<M>;
}

class InMemoryTimers<M extends MessageBase> implements MessageTimers<M> {
  readonly #options: MessageTimersOptions<M>;
  readonly #runtime: Runtime = currentRuntime();
  readonly #byId = new Map<string, Armed<M>>();
  readonly #heap = new DueHeap<Armed<M>>();
  #order = 0;
  #isClosed = false;
  #delivering: Promise<void> | undefined;
  #alarm: { readonly dueMs: number; readonly cancel: CancelTask } | undefined;

  constructor(options: MessageTimersOptions<M>) {
    this.#options = options;
  }

  async set(timer: MessageTimer<M>): Promise<void> {
    this.#checkOpen();
    checkTimer(timer);
    placeInChain(timer.message);
    this.#forget(timer.id);
    this.#arm({ ...timer });
    this.#wake();
  }

  async cancel(id: string): Promise<boolean> {
    this.#checkOpen();
    const isKnown = this.#forget(id);
    this.#wake();
    return isKnown;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm?.cancel();
    await this.#delivering;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #arm(timer: MessageTimer<M>): void {
    const armed = { timer, dueMs: timer.dueMs, order: this.#order++, index: -1 };
    this.#byId.set(timer.id, armed);
    this.#heap.add(armed);
  }

  #forget(id: string): boolean {
    const armed = this.#byId.get(id);
    if (armed === undefined) return false;
    this.#heap.remove(armed);
    return this.#byId.delete(id);
  }

  /** Delivers what is due, and has one task scheduled for what is due next. */
  #wake(): void {
    if (this.#isClosed || this.#delivering !== undefined) return;
    const next = this.#heap.first;
    if (next !== undefined && next.dueMs === this.#alarm?.dueMs) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (next === undefined) return;
    const delayMs = next.dueMs - this.#runtime.clock.now();
    if (delayMs <= 0) this.#delivering = this.#deliverDue();
    else this.#alarm = { dueMs: next.dueMs, cancel: this.#runtime.scheduler.after(delayMs, () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = undefined;
    this.#wake();
  }

  async #deliverDue(): Promise<void> {
    await this.#runtime.scheduler.turn();
    for (let next = this.#heap.first; next !== undefined && !this.#isClosed; next = this.#heap.first) {
      const nowMs = this.#runtime.clock.now();
      if (next.dueMs > nowMs) break;
      this.#forget(next.timer.id);
      await this.#deliver(next.timer, nowMs);
    }
    this.#delivering = undefined;
    this.#wake();
  }

  async #deliver(timer: MessageTimer<M>, nowMs: number): Promise<void> {
    try {
      const message = this.#occurrence(timer, nowMs);
      // Whoever set the alarm has nothing to do with it: the message tells where it comes from.
      await context.with(ROOT_CONTEXT, () => this.#options.deliver(message));
    } catch (error) {
      await this.#report({ timer, error });
    }
  }

  /** The message that is to be delivered now; a recurring timer is armed for its next time. */
  #occurrence(timer: MessageTimer<M>, nowMs: number): M {
    const { id, dueMs, everyMs, message } = timer;
    if (everyMs === undefined) return message;
    const lastMs = dueMs + Math.floor((nowMs - dueMs) / everyMs) * everyMs;
    this.#arm({ ...timer, dueMs: lastMs + everyMs });
    const metadata = metadataOf(message);
    return instantiate<M>(classOf(message) as never, message, {
      ...metadata,
      id: derivedId(metadata.id, id, lastMs),
      causationId: metadata.id,
      timeMs: nowMs,
    });
  }

  async #report(failure: TimerFailure<M>): Promise<void> {
    const { onFailure } = this.#options;
    if (onFailure === undefined) return warn(failure.error);
    try {
      await onFailure(failure);
    } catch (error) {
      // Who was to be told of it may not have heard it.
      warn(failure.error);
      warn(error);
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new AlreadyClosed("Message timers");
  }
}

function checkTimer(timer: MessageTimer): void {
  checkObject("A timer", timer);
  const { id, dueMs, message, everyMs } = timer;
  if (typeof id !== "string" || id.trim() === "") throw new InvalidArgument("The id of a timer", "text that is not blank", id);
  if (!Number.isSafeInteger(dueMs)) throw new InvalidArgument(`dueMs of the timer ${id}`, "an integer", dueMs);
  if (everyMs !== undefined && (!Number.isSafeInteger(everyMs) || everyMs < 1)) {
    throw new InvalidArgument(`everyMs of the timer ${id}`, "an integer from 1", everyMs);
  }
  classOf(message);
}
