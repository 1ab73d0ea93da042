import { systemScheduler, type Runtime } from "@reactive-domain/core";

/** A runtime whose time a test sets, and whose ids count from `id-1`. */
export class HandSetRuntime implements Runtime {
  nowMs: number;
  #ids = 0;
  readonly clock = { now: (): number => this.nowMs, monotonicMs: (): number => this.nowMs };
  readonly ids = { next: (): string => `id-${++this.#ids}` };
  readonly chance = { next: (): number => 0.5 };
  readonly scheduler = systemScheduler;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  /** How many ids were asked for. */
  get idsMade(): number {
    return this.#ids;
  }
}
