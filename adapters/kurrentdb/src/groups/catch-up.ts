import type { Connection } from "../connection/connection.ts";
import { groupInfo } from "../wire/group-admin.ts";
import type { FeedLevel } from "./feed-level.ts";
import type { GroupRecord } from "./group-record.ts";

export interface CatchUpOptions {
  readonly connection: Connection;
  readonly record: GroupRecord;
  readonly level: FeedLevel;
  /** Whether the group was made a moment ago, so that nothing of it is settled. */
  readonly isNew: boolean;
  /** Whether the server sends something when it has something. */
  readonly isSent: () => boolean;
}

/** How often it is looked whether other processes take part, while nothing comes. */
const LOOK_EVERY_MS = 50;
/** How long it is believed that they do. */
const BELIEVE_MS = 1_000;
/** How long nothing comes where something should before it is not waited for any more: the first time, when it may have been settled long ago, and later. */
const FIRST_QUIET_MS = 500;
const QUIET_MS = 5_000;

/**
 * Waits until what is in the log has come. A process that takes part alone is sent everything: it waits for the last event that the log has for it. Where others take
 * part, they may have it, and nothing is waited for.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  #arrivals = 0;
  #wake: (() => void)[] = [];
  #quietMs: number;
  #sharedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    this.#quietMs = options.isNew ? QUIET_MS : FIRST_QUIET_MS;
  }

  arrived(): void {
    this.#arrivals++;
    const wake = this.#wake;
    this.#wake = [];
    for (const one of wake) one();
  }

  /** Returns whether all that was to come has come, or still may. */
  async done(): Promise<boolean> {
    const { level, isSent, connection } = this.#options;
    const target = await level.target();
    const isWaiting = (): boolean => isSent() && !connection.closing.aborted && !level.has(target);
    const isAll = await this.#wait(isWaiting);
    this.#quietMs = QUIET_MS;
    if (isSent()) level.reach(target);
    return isAll;
  }

  async #wait(isWaiting: () => boolean): Promise<boolean> {
    const { clock } = this.#options.connection.runtime;
    let quietSinceMs = clock.monotonicMs();
    while (isWaiting()) {
      if (clock.monotonicMs() < this.#sharedUntilMs) return false;
      const before = this.#arrivals;
      await this.#next();
      if (this.#arrivals !== before) quietSinceMs = clock.monotonicMs();
      else if (await this.#isShared()) this.#sharedUntilMs = clock.monotonicMs() + BELIEVE_MS;
      else if (clock.monotonicMs() - quietSinceMs > this.#quietMs) return false;
    }
    return true;
  }

  /** Resolves when something has come, or it is time to look. */
  #next(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.connection.runtime.scheduler.after(LOOK_EVERY_MS, resolve);
      this.#wake.push(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Whether others take part. Who may not know that takes it for true. */
  async #isShared(): Promise<boolean> {
    const { connection, record } = this.#options;
    try {
      return (await connection.once((client) => groupInfo(client, record.key))).connections > 1;
    } catch {
      return true;
    }
  }
}
