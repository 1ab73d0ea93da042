import { ReactiveDomainError, yieldToLoop, type Runtime } from "@reactive-domain/core";
import type { WriteItem, WriteResult } from "@reactive-domain/persistence";
import { appendsOf } from "@reactive-domain/persistence/adapter";
import { whileBusy } from "./while-busy.ts";

/** A write that was accepted and waits for its commit. */
interface PendingWrite {
  readonly items: readonly WriteItem[];
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly result: WriteResult } | { readonly error: ReactiveDomainError };

/** Where a group of writes is carried out. */
export interface WriteTransaction {
  begin(): void;
  /** Does all of a write; or throws a {@link ReactiveDomainError} and has done nothing of it. Any other error undoes the whole transaction. */
  write(items: readonly WriteItem[]): WriteResult;
  commit(): void;
  rollback(): void;
}

export interface GroupCommitOptions {
  readonly transaction: WriteTransaction;
  readonly runtime: Runtime;
  /** How long another process is waited for. */
  readonly busyTimeoutMs: number;
  /** Turns what made a transaction fail into what its writers get. */
  readonly failure: (error: unknown) => unknown;
  /** Called after a commit that wrote something, before its writers hear of it. */
  readonly onCommit: () => void;
}

/** A group is bounded so that the event loop turns between two of them. */
const MAX_GROUP_WRITES = 512;
const MAX_GROUP_EVENTS = 2_048;

/**
 * Writes that arrive before the event loop turns share one transaction and one flush to the disk. Each is decided against the state inside the transaction and
 * has an outcome of its own, which it hears when the transaction is durable.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue: PendingWrite[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  write(items: readonly WriteItem[]): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ items, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when all that was accepted has its outcome. */
  async drained(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await yieldToLoop({ runtime: this.#options.runtime });
      await this.#flushGroup();
    }
    this.#draining = undefined;
  }

  async #flushGroup(): Promise<void> {
    const { busyTimeoutMs: timeoutMs, runtime, failure, onCommit } = this.#options;
    const group = this.#queue.splice(0, groupSize(this.#queue));
    try {
      const outcomes = await whileBusy(() => this.#commit(group), { runtime, timeoutMs });
      if (outcomes.some((outcome) => "result" in outcome && !outcome.result.repeated)) onCommit();
      group.forEach((write, index) => settle(write, outcomes[index] as Outcome));
    } catch (error) {
      const reason = failure(error);
      for (const { reject } of group) reject(reason);
    }
  }

  #commit(group: readonly PendingWrite[]): readonly Outcome[] {
    const { transaction } = this.#options;
    try {
      transaction.begin();
      const outcomes = group.map(({ items }) => this.#carryOut(items));
      transaction.commit();
      return outcomes;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  }

  #carryOut(items: readonly WriteItem[]): Outcome {
    try {
      return { result: this.#options.transaction.write(items) };
    } catch (error) {
      if (error instanceof ReactiveDomainError) return { error };
      throw error;
    }
  }
}

function groupSize(queue: readonly PendingWrite[]): number {
  let events = 0;
  const end = queue.findIndex(({ items }, index) => {
    for (const item of appendsOf(items)) events += item.events.length;
    return index > 0 && (index >= MAX_GROUP_WRITES || events > MAX_GROUP_EVENTS);
  });
  return end === -1 ? queue.length : end;
}

function settle({ resolve, reject }: PendingWrite, outcome: Outcome): void {
  if ("error" in outcome) reject(outcome.error);
  else resolve(outcome.result);
}
