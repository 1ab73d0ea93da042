import { AlreadyClosed, currentRuntime, sleep, type Position, type Runtime } from "@reactive-domain/core";
import type { GenerationRecord, ProjectionRecord, ProjectionStore } from "@reactive-domain/persistence";
import { Deferred } from "../listeners/deferred.ts";
import { AlreadyStarted, NotCaughtUp } from "../listeners/errors.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import { headOf } from "../listeners/lag.ts";
import { Resumption } from "../listeners/resumption.ts";
import { Waiters, type CatchUpWait } from "../listeners/waiters.ts";
import type { PreparedEvent } from "./task.ts";
import { ProjectionStopped } from "./errors.ts";
import type { RunSettings } from "./projection-options.ts";
import { liveOf, nextOf, placeOf } from "./projection-place.ts";
import type { ProjectionHealth } from "./projection-status.ts";
import { ProjectionWorker } from "./projection-worker.ts";
import type { Projection } from "./projection.ts";
import { rebuild } from "./rebuild.ts";

/** How long what is done may wait for a commit on the way to the end of the history. */
const MAX_COMMIT_MS = 500;
/** How often somebody looks who waits for what another process does. */
const LOOK_MS = 100;

/** What a projection works with. */
export interface ProjectionParts<C> {
  readonly projection: Projection<C>;
  readonly feed: EventFeed;
  readonly store: ProjectionStore<C>;
  readonly settings: RunSettings;
}

/** A projection's work in this process, from its start to its close. */
export class RunningProjection<C> {
  readonly live = new Deferred();
  readonly #parts: ProjectionParts<C>;
  readonly #runtime: Runtime = currentRuntime();
  readonly #waiters = new Waiters(this.#runtime);
  readonly #closing = new AbortController();
  #worker: ProjectionWorker<C> | undefined;
  #isLooking = false;
  #isStarted = false;
  #stopped: Error | undefined;
  #upgrading: Promise<void> | undefined;

  constructor(parts: ProjectionParts<C>) {
    this.#parts = parts;
  }

  get health(): ProjectionHealth {
    const { name } = this.#parts.projection;
    const health = this.#worker?.health ?? NOT_STARTED(name);
    if (this.#stopped !== undefined) return { ...health, status: "stopped", error: this.#stopped };
    if (this.#closing.signal.aborted) return { ...health, status: "closed" };
    return this.#upgrading !== undefined && this.#worker === undefined ? { ...health, status: "catching-up" } : health;
  }

  /** Resolves when it is at work, or stands by. Errors: `already-started`, `projection-stopped` where a newer version is live, those of what keeps it. */
  async start(): Promise<void> {
    const { projection, store } = this.#parts;
    if (this.#isStarted) throw new AlreadyStarted(`Projection ${projection.name}`, "Make another one to start it again.");
    this.#isStarted = true;
    const { signal } = this.#closing;
    try {
      const record = await store.define({ name: projection.name, version: projection.version, shape: projection.shape }, { signal });
      const { version } = liveOf(record);
      if (signal.aborted) return;
      if (version > projection.version) throw this.#outdated(version);
      if (version === projection.version) this.#work();
      else if (wasRolledBack(record, projection.version)) throw this.#rolledBack(version);
      else this.#upgrading = this.#upgrade();
    } catch (error) {
      if (!signal.aborted) this.#stopped = error as Error;
      this.live.reject(error as Error);
      throw error;
    }
  }

  wake(): void {
    this.#worker?.wake();
  }

  /** Resolves when everything up to a position is committed, by whoever does it. Errors: `not-caught-up`, the signal's reason, what has stopped it. */
  async caughtUpTo(position: Position, wait: CatchUpWait): Promise<void> {
    wait.signal?.throwIfAborted();
    if (this.#stopped !== undefined) throw this.#stopped;
    const { position: reached } = this.health;
    if (this.#isAtWork && reached !== null && reached >= position) return;
    const waiting = this.#waiters.wait(position, wait, () => this.#notCaughtUp(position, wait));
    if (!this.#isLooking) void this.#look();
    await waiting;
  }

  async close(): Promise<void> {
    const reason = new AlreadyClosed(`Projection ${this.#parts.projection.name}`);
    this.#closing.abort(reason);
    this.#waiters.fail(reason);
    this.live.reject(reason);
    await this.#upgrading;
    await this.#worker?.close();
  }

  get #isAtWork(): boolean {
    const { status } = this.health;
    return status === "live" || status === "catching-up";
  }

  #work(): void {
    const { projection, feed, store, settings } = this.#parts;
    const { policy, lease, lanes, backoff, interrupted, failed } = settings;
    const worker = new ProjectionWorker<C>({
      projection,
      feed,
      store,
      policy,
      lease,
      lanes,
      interrupted,
      failed,
      runtime: this.#runtime,
      resumption: new Resumption(backoff),
      maxCommitMs: MAX_COMMIT_MS,
      limits: undefined,
      committed: this.#committed(),
      choose: (record) => this.#choose(record),
      progressed: ({ upTo, isLive }) => {
        this.#waiters.reach(upTo);
        if (isLive) this.live.resolve();
      },
    });
    this.#worker = worker;
    worker.start();
    worker.ended.promise.then(
      () => void this.#ended(),
      (error: Error) => this.#stop(error),
    );
  }

  /** The generation that this program knows how to go on with. */
  #choose(record: ProjectionRecord): GenerationRecord | undefined {
    const live = liveOf(record);
    return live.version === this.#parts.projection.version ? live : undefined;
  }

  #committed(): ((events: readonly PreparedEvent<C>[]) => void) | undefined {
    const { onCommitted, name } = this.#parts.projection;
    if (onCommitted === undefined) return undefined;
    return (prepared) => {
      const events = prepared.flatMap(({ tasks }) => [...new Map(tasks.map(({ event, context }) => [event, { event, context }])).values()]);
      void this.#parts.settings.told(() => onCommitted({ projection: name, events }));
    };
  }

  /** Builds a newer version beside what is there, and goes on with it. */
  async #upgrade(): Promise<void> {
    const { signal } = this.#closing;
    const { backoff, lanes, interrupted } = this.#parts.settings;
    const resumption = new Resumption(backoff);
    while (!signal.aborted) {
      try {
        await rebuild({ ...this.#parts, lanes }, { signal });
        return signal.aborted ? undefined : this.#work();
      } catch (error) {
        if (signal.aborted) return;
        if (!resumption.allows(error)) return this.#stop(error as Error);
        interrupted(error as Error);
        await resumption.pause([signal], this.#runtime).catch(() => undefined);
      }
    }
  }

  async #ended(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { projection, store } = this.#parts;
    const record = await store.find(projection.name).catch(() => undefined);
    this.#stop(this.#outdated(record === undefined ? undefined : liveOf(record).version));
  }

  #stop(error: Error): void {
    this.#stopped = error;
    this.live.reject(error);
    this.#waiters.fail(error);
    this.#parts.settings.stopped(error);
  }

  #outdated(version: number | undefined): ProjectionStopped {
    const { name, version: own } = this.#parts.projection;
    return new ProjectionStopped(
      name,
      "another version has taken its place",
      `version ${version ?? "none"} is live, and this program has version ${own}`,
    );
  }

  #rolledBack(live: number): ProjectionStopped {
    const { name, version } = this.#parts.projection;
    const why = `version ${version} was rolled back to version ${live}, which answers`;
    return new ProjectionStopped(name, why, "start the program of that version, or rebuild it by hand");
  }

  /** Looks how far others are, as long as somebody waits and this process is not at work. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    const { signal } = this.#closing;
    while (!this.#waiters.isEmpty && !signal.aborted) {
      if (!this.#isAtWork) await this.#lookOnce(signal).catch(() => undefined);
      await sleep(LOOK_MS, { signal, runtime: this.#runtime }).catch(() => undefined);
    }
    this.#isLooking = false;
  }

  async #lookOnce(signal: AbortSignal): Promise<void> {
    const { projection, store, feed } = this.#parts;
    const head = await headOf(feed.store, { signal });
    const record = await store.find(projection.name, { signal });
    if (record === undefined || head === null) return;
    const next = await nextOf(feed, placeOf(liveOf(record)), signal);
    this.#waiters.reach(next === null ? head : ((next - 1) as Position));
  }

  #notCaughtUp(wanted: Position, { timeoutMs }: CatchUpWait): NotCaughtUp {
    const { position } = this.health;
    const { projection, feed } = this.#parts;
    return new NotCaughtUp(`Projection ${projection.name}`, feed.name, { wanted, reached: position, timeoutMs, busyWith: null });
  }
}

/** Whether a version was live, and was put aside for an older one. */
function wasRolledBack({ generations }: ProjectionRecord, version: number): boolean {
  return generations.some((one) => one.status === "retired" && one.version >= version);
}

const NOT_STARTED = (projection: string): ProjectionHealth => ({
  projection,
  status: "not-started",
  position: null,
  handled: 0,
  progressAgeMs: null,
  heldBy: undefined,
  interruptions: 0,
  error: undefined,
});
