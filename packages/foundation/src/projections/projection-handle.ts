import { currentRuntime, type Position } from "@reactive-domain/core";
import { ProjectionNotFound, type CallOptions, type ProjectionRecord, type ReplayEntriesOptions } from "@reactive-domain/persistence";
import { within } from "../listeners/within.ts";
import { NotCaughtUp } from "../listeners/errors.ts";
import type { FeedLag } from "../listeners/feed-health.ts";
import { headOf, measureLag } from "../listeners/lag.ts";
import { checkPosition, checkWait, type CatchUpOptions } from "../listeners/waiters.ts";
import { withEvents, type ParkedEvent } from "./parked-events.ts";
import { liveOf, placeOf } from "./projection-place.ts";
import type { ProjectionHealth } from "./projection-status.ts";
import { rebuildKey, type RebuildKeyOptions } from "./rebuild-key.ts";
import { rebuild, type RebuildOptions, type RebuildResult } from "./rebuild.ts";
import { RunningProjection, type ProjectionParts } from "./running-projection.ts";
import { verifyProjection, type ProjectionVerifyOptions, type ProjectionVerifyResult } from "./verify-projection.ts";

export interface ParkedEventsOptions extends CallOptions {
  /** Only those behind this position. */
  readonly after?: Position;
  /** The most, from 1. Default 100. */
  readonly limit?: number;
}

/** One projection: its work in this process, and what is done to it, whoever works on it. */
export interface RunnableProjection {
  readonly name: string;
  /** How it is in this process. */
  readonly health: ProjectionHealth;
  /** Resolves when this process has committed all of the history. Rejects when it stops or is closed before. Nobody has to await it. */
  readonly live: Promise<void>;
  /** Begins, or stands by while another process is at work. Errors: `already-started`; `projection-stopped` where a newer version is live; those of what keeps it. */
  start(): Promise<void>;
  /** Resolves when everything up to a position is committed, by whichever process. Errors: `not-caught-up`, the signal's reason, `projection-stopped`. */
  caughtUpTo(position: Position, options?: CatchUpOptions): Promise<void>;
  /** Resolves when everything is committed that is in the log now. Errors: as of {@link caughtUpTo}, those of the store. */
  caughtUp(options?: CatchUpOptions): Promise<void>;
  /** What is committed in the log, and not here, whoever works on it. Errors: `projection-not-found`, those of the store. */
  lag(options?: CallOptions): Promise<FeedLag>;
  /** What is kept of it. Errors: `projection-not-found`. */
  record(options?: CallOptions): Promise<ProjectionRecord>;
  /** No worker commits any more, in any process, until {@link resume}. */
  pause(options?: CallOptions): Promise<void>;
  resume(options?: CallOptions): Promise<void>;
  /** Empties it: it begins anew, and answers with what it has meanwhile. {@link rebuild} is what answers all the time. */
  reset(options?: CallOptions): Promise<void>;
  /** Builds it anew beside what answers, and puts it in its place. What was built when it was given up, is gone on with. Errors: `rebuild-refused`, `projection-stopped`, the signal's reason. */
  rebuild(options?: RebuildOptions): Promise<RebuildResult>;
  /** Makes what it has of one key anew. Errors: `invalid-argument`, `projection-changed`, what a handler throws. */
  rebuildKey(key: string, options?: RebuildKeyOptions): Promise<{ readonly events: number }>;
  /** Puts back what was live before the last rebuild, which goes on from where it was. Errors: `projection-not-found` where there is none. */
  rollback(options?: CallOptions): Promise<void>;
  /** Forgets what is being built, or was live before the last rebuild. Tells whether there was any. */
  discard(what: "building" | "retired", options?: CallOptions): Promise<boolean>;
  /** Holds what is live against a fresh fold of the log. Errors: `projection-changed` while it is rebuilt. */
  verify(options?: ProjectionVerifyOptions): Promise<ProjectionVerifyResult>;
  /** Events that failed, and those that wait behind them. */
  parked(options?: ParkedEventsOptions): Promise<readonly ParkedEvent[]>;
  /** Has parked events tried again, with what waits behind them; tells how many. Its worker does it. */
  replayParked(options?: ReplayEntriesOptions): Promise<number>;
  close(): Promise<void>;
}

export class ProjectionHandle<C> implements RunnableProjection {
  readonly name: string;
  readonly #parts: ProjectionParts<C>;
  readonly #running: RunningProjection<C>;

  constructor(parts: ProjectionParts<C>) {
    this.name = parts.projection.name;
    this.#parts = parts;
    this.#running = new RunningProjection(parts);
  }

  get health(): ProjectionHealth {
    return this.#running.health;
  }

  get live(): Promise<void> {
    return this.#running.live.promise;
  }

  start(): Promise<void> {
    return this.#running.start();
  }

  async caughtUpTo(position: Position, options: CatchUpOptions = {}): Promise<void> {
    await this.#running.caughtUpTo(checkPosition(position), checkWait(options));
  }

  async caughtUp(options: CatchUpOptions = {}): Promise<void> {
    const wait = checkWait(options);
    const { feed, projection } = this.#parts;
    const delay = { wanted: "the end of the log" as const, reached: this.health.position, timeoutMs: wait.timeoutMs, busyWith: null };
    const timedOut = (): Error => new NotCaughtUp(`Projection ${projection.name}`, feed.name, delay);
    await within({ ...wait, runtime: currentRuntime(), timedOut }, async (signal) => {
      const head = await headOf(feed.store, { signal });
      if (head !== null) await this.#running.caughtUpTo(head, { ...wait, signal });
    });
  }

  async lag(options: CallOptions = {}): Promise<FeedLag> {
    const record = await this.#parts.store.find(this.name, options);
    const place = record === undefined ? null : placeOf(liveOf(record));
    const { feed } = this.#parts;
    const checkpoint = { feed: feed.name, version: null, position: place };
    return measureLag({ feed, checkpoint, handledUpTo: place }, currentRuntime().clock, options);
  }

  async record(options: CallOptions = {}): Promise<ProjectionRecord> {
    const record = await this.#parts.store.find(this.name, options);
    if (record === undefined) throw new ProjectionNotFound(this.name, "what keeps it");
    return record;
  }

  async pause(options?: CallOptions): Promise<void> {
    await this.#change({ kind: "pause", until: new Date(END_OF_TIME_MS) }, options);
  }

  async resume(options?: CallOptions): Promise<void> {
    await this.#change({ kind: "pause", until: null }, options);
  }

  async reset(options?: CallOptions): Promise<void> {
    await this.#change({ kind: "reset" }, options);
  }

  async rebuild(options: RebuildOptions = {}): Promise<RebuildResult> {
    await this.#define();
    try {
      return await rebuild({ ...this.#parts, lanes: this.#parts.settings.lanes }, options);
    } finally {
      this.#running.wake();
    }
  }

  async rebuildKey(key: string, options: RebuildKeyOptions = {}): Promise<{ readonly events: number }> {
    const outcome = await rebuildKey(this.#parts, key, options);
    this.#running.wake();
    return outcome;
  }

  async rollback(options: CallOptions = {}): Promise<void> {
    const { generations } = await this.record(options);
    const retired = generations.find(({ status }) => status === "retired");
    if (retired === undefined) throw new ProjectionNotFound(`${this.name} as it was before its last rebuild`, "what keeps it");
    await this.#change({ kind: "swap", generation: retired.generation, notBehind: false }, options);
  }

  async discard(what: "building" | "retired", options: CallOptions = {}): Promise<boolean> {
    const { generations } = await this.record(options);
    const generation = generations.find(({ status }) => status === what)?.generation;
    if (generation !== undefined) await this.#change({ kind: "drop", generation }, options);
    return generation !== undefined;
  }

  async verify(options: ProjectionVerifyOptions = {}): Promise<ProjectionVerifyResult> {
    await this.record();
    return verifyProjection(this.#parts, options);
  }

  async parked(options: ParkedEventsOptions = {}): Promise<readonly ParkedEvent[]> {
    const { store, feed } = this.#parts;
    const record = await store.find(this.name, options);
    if (record === undefined) return [];
    const { generation } = liveOf(record);
    const states = ["parked", "waiting", "replay", "failing"] as const;
    const entries = await store.entries({ projection: this.name, generation }, { ...options, states });
    return withEvents(entries, feed, options.signal);
  }

  async replayParked(options: ReplayEntriesOptions = {}): Promise<number> {
    const count = await this.#parts.store.replay(this.name, options);
    this.#running.wake();
    return count;
  }

  close(): Promise<void> {
    return this.#running.close();
  }

  async #define(): Promise<void> {
    const { projection, store } = this.#parts;
    await store.define({ name: projection.name, version: projection.version, shape: projection.shape });
  }

  async #change(change: Parameters<ProjectionParts<C>["store"]["change"]>[1], options: CallOptions = {}): Promise<void> {
    await this.#parts.store.change(this.name, change, options);
    this.#running.wake();
  }
}

/** A date that every database knows: the end of the year 9999. */
const END_OF_TIME_MS = 253_402_300_799_000;
