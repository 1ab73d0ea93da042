import { ReactiveDomainError, yieldToLoop, type Runtime } from "@reactive-domain/core";
import { isBrokenConstraint } from "./sqlite-failure.ts";
import { TransactionEnded } from "./transaction-ended.ts";
import { whileBusy } from "./while-busy.ts";

/** What is done inside a transaction that it shares with others, and comes to an outcome of its own. */
export interface Task<T> {
  /** How many events it adds or removes: what it weighs in a group. */
  readonly events: number;
  /**
   * Does all of it; or throws a {@link ReactiveDomainError} and has done nothing of it. Any other error undoes the whole transaction. It may be asked for it again, where
   * nothing came of the transaction.
   */
  run(): T;
  /** Whether those who listen to commits are to hear of it. */
  isNews(outcome: T): boolean;
}

/** A task that was accepted and waits for its commit. */
interface PendingTask {
  readonly task: Task<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What came of a task that ended the transaction. */
class EndedBy extends Error {
  readonly pending: PendingTask;
  readonly reason: unknown;

  constructor(pending: PendingTask, reason: unknown) {
    super();
    this.pending = pending;
    this.reason = reason;
  }
}

type Outcome = { readonly result: unknown } | { readonly error: ReactiveDomainError };

/** Where a group of tasks is carried out. */
export interface WriteTransaction {
  begin(): void;
  commit(): void;
  rollback(): void;
}

export interface GroupCommitOptions {
  readonly transaction: WriteTransaction;
  readonly runtime: Runtime;
  /** How long another process is waited for. */
  readonly busyTimeoutMs: number;
  /** Turns what made a transaction fail into what those who wait for it get. */
  readonly failure: (error: unknown) => unknown;
  /** Called after a commit that is news, before those who wait for it hear of it. */
  readonly onCommit: () => void;
  /** Called after every group, once those who wait for it have heard of it; the next group waits for what it returns. Must not throw. */
  readonly afterCommit?: () => Promise<void> | undefined;
}

/** A group is bounded so that the event loop turns between two of them: in size, and in the time of its tasks, to that or to what the last commit took. */
const MAX_GROUP_TASKS = 512;
const MAX_GROUP_EVENTS = 2_048;
const GROUP_MS = 2;

/**
 * Tasks that arrive before the event loop turns share one transaction and one flush to the disk. Each is decided against the state inside the transaction and
 * has an outcome of its own, which it hears when the transaction is durable.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue: PendingTask[] = [];
  #draining: Promise<void> | undefined;
  #commitMs = 0;
  /** How many of the next tasks get a transaction each. */
  #single = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  run<T>(task: Task<T>): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      this.#queue.push({ task, resolve, reject });
      this.#draining ??= this.#drain();
    }) as Promise<T>;
  }

  /** Resolves when all that was accepted has its outcome. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await yieldToLoop({ runtime: this.#options.runtime });
      await this.#flushGroup();
      const pause = this.#options.afterCommit?.();
      if (pause !== undefined) await pause;
    }
    this.#draining = undefined;
  }

  async #flushGroup(): Promise<void> {
    const { busyTimeoutMs: timeoutMs, runtime, failure, onCommit } = this.#options;
    const group = this.#queue.splice(0, this.#single > 0 ? 1 : groupSize(this.#queue));
    this.#single = Math.max(0, this.#single - 1);
    try {
      const outcomes = await whileBusy(() => this.#commit(group), { runtime, timeoutMs });
      if (outcomes.length < group.length) this.#queue.unshift(...group.splice(outcomes.length));
      if (outcomes.some((outcome, index) => "result" in outcome && group[index]?.task.isNews(outcome.result))) onCommit();
      group.forEach((pending, index) => settle(pending, outcomes[index] as Outcome));
    } catch (error) {
      if (this.#isToBeRepeated(group, error)) return;
      const reason = failure(error);
      for (const { reject } of group) reject(reason);
    }
  }

  /** Puts back those whom another's failure must not harm. */
  #isToBeRepeated(group: readonly PendingTask[], error: unknown): boolean {
    if (error instanceof EndedBy) {
      this.#queue.unshift(...group.filter((pending) => pending !== error.pending));
      error.pending.reject(error.reason);
      return true;
    }
    // It is not known whose it is, being told at the end of the transaction.
    if (group.length === 1 || !isBrokenConstraint(error)) return false;
    this.#queue.unshift(...group);
    this.#single = group.length;
    return true;
  }

  /** The outcomes of the first tasks of a group, as many as there was time for. */
  #commit(group: readonly PendingTask[]): readonly Outcome[] {
    const { transaction, runtime } = this.#options;
    try {
      transaction.begin();
      const outcomes = this.#runInTime(group);
      const startMs = runtime.clock.monotonicMs();
      transaction.commit();
      this.#commitMs = runtime.clock.monotonicMs() - startMs;
      return outcomes;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }

  #runInTime(group: readonly PendingTask[]): readonly Outcome[] {
    const { clock } = this.#options.runtime;
    const endMs = clock.monotonicMs() + Math.max(GROUP_MS, this.#commitMs);
    const outcomes: Outcome[] = [];
    for (const pending of group) {
      outcomes.push(outcomeOf(pending));
      if (clock.monotonicMs() > endMs) break;
    }
    return outcomes;
  }
}

function outcomeOf(pending: PendingTask): Outcome {
  try {
    return { result: pending.task.run() };
  } catch (error) {
    if (error instanceof ReactiveDomainError) return { error };
    if (error instanceof TransactionEnded) throw new EndedBy(pending, error.reason);
    throw error;
  }
}

function groupSize(queue: readonly PendingTask[]): number {
  let events = 0;
  const end = queue.findIndex(({ task }, index) => {
    events += task.events;
    return index > 0 && (index >= MAX_GROUP_TASKS || events > MAX_GROUP_EVENTS);
  });
  return end === -1 ? queue.length : end;
}

function settle({ resolve, reject }: PendingTask, outcome: Outcome): void {
  if ("error" in outcome) reject(outcome.error);
  else resolve(outcome.result);
}
