import type { Runtime } from "@reactive-domain/core";

/** Longer than any connection is waited for. */
const REMEMBERED_MS = 3_600_000;
const FORGET_EVERY_MS = 60_000;

/** Names groups of writes for the time in which they may have to be asked for again: ids grow with time, so that old ones are forgotten by a bound. */
export class GroupMemory {
  readonly #runtime: Runtime;
  /** The first id of each stretch of time, the oldest first. */
  readonly #stretches: { readonly id: string; readonly beganMs: number }[] = [];

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** An id for a group, and now and then the id before which others are forgotten. */
  next(): readonly [id: string, forgotten: string | null] {
    const id = this.#runtime.ids.next();
    const nowMs = this.#runtime.clock.monotonicMs();
    const last = this.#stretches.at(-1);
    if (last !== undefined && nowMs - last.beganMs < FORGET_EVERY_MS) return [id, null];
    this.#stretches.push({ id, beganMs: nowMs });
    let forgotten: string | null = null;
    while ((this.#stretches[0]?.beganMs ?? nowMs) < nowMs - REMEMBERED_MS) forgotten = this.#stretches.shift()?.id ?? null;
    return [id, forgotten];
  }
}
