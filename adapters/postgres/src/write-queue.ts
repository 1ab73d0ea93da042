import { yieldToLoop, type Runtime } from "@reactive-domain/core";
import type { WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { WriteOutcome } from "./write-outcome.ts";

/** A write that was accepted and waits for its commit. */
interface PendingWrite {
  readonly items: readonly WriteItem[];
  readonly size: WriteSize;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

interface WriteSize {
  readonly events: number;
  readonly bytes: number;
}

export interface WriteQueueOptions {
  readonly runtime: Runtime;
  /** Commits several writes together, and tells the outcome of each. It rejects where nothing was done, or nobody knows. */
  readonly commit: (writes: readonly (readonly WriteItem[])[]) => Promise<readonly WriteOutcome[]>;
}

const MAX_GROUP_WRITES = 512;
const MAX_GROUP_EVENTS = 2_048;
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/** Writes that arrive while a commit is under way are committed together by the next: one round trip and one flush to the disk, with an outcome each. */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #queue: PendingWrite[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  write(items: readonly WriteItem[]): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ items, size: sizeOf(items), resolve, reject });
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
      await this.#commit(this.#queue.splice(0, groupLength(this.#queue)));
    }
    this.#draining = undefined;
  }

  async #commit(group: readonly PendingWrite[]): Promise<void> {
    try {
      const outcomes = await this.#options.commit(group.map(({ items }) => items));
      group.forEach((pending, index) => settle(pending, outcomes[index] as WriteOutcome));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}

function settle({ resolve, reject }: PendingWrite, outcome: WriteOutcome): void {
  if ("error" in outcome) reject(outcome.error);
  else resolve(outcome.result);
}

function sizeOf(items: readonly WriteItem[]): WriteSize {
  let [events, bytes] = [0, 0];
  for (const item of items) {
    if (item.kind === "snapshot") bytes += item.data.length;
    if (item.kind !== "append") continue;
    events += item.events.length;
    for (const { data, metadata } of item.events) bytes += data.length + metadata.length;
  }
  return { events, bytes };
}

/** How many writes go together: bounded in number and size, and each event once, since one that comes again is to be found in the log. */
function groupLength(queue: readonly PendingWrite[]): number {
  const ids = new Set<string>();
  let [events, bytes] = [0, 0];
  for (const [index, { items, size }] of queue.entries()) {
    events += size.events;
    bytes += size.bytes;
    const isFull = index >= MAX_GROUP_WRITES || events > MAX_GROUP_EVENTS || bytes > MAX_GROUP_BYTES;
    if (index > 0 && (isFull || isKnown(items, ids))) return index;
    for (const item of items) if (item.kind === "append") for (const { id } of item.events) ids.add(id);
  }
  return queue.length;
}

function isKnown(items: readonly WriteItem[], ids: ReadonlySet<string>): boolean {
  return items.some((item) => item.kind === "append" && item.events.some(({ id }) => ids.has(id)));
}
