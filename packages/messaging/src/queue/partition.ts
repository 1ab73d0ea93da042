import type { CancelTask } from "@reactive-domain/core";
import type { Group } from "./batching.ts";
import type { Laned } from "./laned.ts";
import { Lanes } from "./lanes.ts";

/** The messages of one key: the candidate, which is with the handler or the next to be, and those that stand behind it. */
export class Partition<T extends Laned> implements Group {
  readonly key: unknown;
  candidate: T | undefined = undefined;
  cancelTimer: CancelTask | undefined = undefined;
  /** Made when it is needed: most keys have one message at a time. */
  #behind: Lanes<T> | undefined = undefined;

  constructor(key: unknown) {
    this.key = key;
  }

  get size(): number {
    return (this.candidate?.state === "waiting" ? 1 : 0) + (this.#behind?.size ?? 0);
  }

  get oldestMs(): number | undefined {
    const behindMs = this.#behind?.oldestMs ?? Number.POSITIVE_INFINITY;
    return this.candidate && Math.min(this.candidate.queuedAtMs, behindMs);
  }

  get isBusy(): boolean {
    return this.candidate?.state === "running";
  }

  /** Takes in a message; the candidate gives way to one that is more urgent, if it may. */
  add(entry: T, laneCount: number): void {
    const { candidate } = this;
    if (candidate === undefined) {
      this.candidate = entry;
      return;
    }
    this.#behind ??= new Lanes<T>(laneCount, "waiting");
    if (this.isBusy || entry.lane >= candidate.lane) return this.#behind.add(entry);
    this.#behind.addFirst(candidate);
    this.candidate = entry;
  }

  /** Takes out the next of those that stand behind the candidate. */
  shift(): T | undefined {
    const next = this.#behind?.mostUrgent;
    if (next !== undefined) this.#behind?.shift(next.lane);
    return next;
  }

  /** To be told of an entry that waits no longer, and is not the candidate. */
  leave(entry: T): void {
    this.#behind?.leave(entry);
  }
}
