import { AlreadyClosed, sleep, type Position, type Runtime } from "@reactive-domain/core";
import {
  Fenced,
  ProjectionChanged,
  ProjectionNotFound,
  WrongCheckpoint,
  type GenerationRecord,
  type ProjectionRecord,
  type ProjectionStore,
} from "@reactive-domain/persistence";
import { Deferred } from "../listeners/deferred.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { Resumption } from "../listeners/resumption.ts";
import { HandlingFailed, PieceFailed, ProjectionStopped } from "./errors.ts";
import { GenerationRun, type RunProgress, type RunSetting } from "./generation-run.ts";
import { MAX_HELD_MS } from "./held-still.ts";
import { HeldGeneration, type Lease } from "./held-generation.ts";
import type { Projection } from "./projection.ts";
import type { ProjectionHealth, ProjectionStatus } from "./projection-status.ts";

/** What a worker is given. */
export interface WorkerSetting<C> extends Pick<RunSetting<C>, "policy" | "runtime" | "maxCommitMs" | "committed" | "failed" | "limits"> {
  readonly projection: Projection<C>;
  readonly feed: EventFeed;
  readonly store: ProjectionStore<C>;
  readonly lease: Lease;
  /** In how many lanes it is to run. */
  readonly lanes: number;
  readonly resumption: Resumption;
  /** Which generation of the record it works on; nothing: none of it is its own any more. */
  readonly choose: (record: ProjectionRecord) => GenerationRecord | undefined;
  /** Told how far it is. */
  readonly progressed: (progress: RunProgress) => void;
  readonly interrupted: (error: Error) => void;
}

/** Has a generation done by this process as long as nobody else has it: acquires it, runs it, goes on after interruptions and changes, and tells how it is. */
export class ProjectionWorker<C> {
  readonly #setting: WorkerSetting<C>;
  readonly #runtime: Runtime;
  readonly #closing = new AbortController();
  readonly ended = new Deferred();
  #run: GenerationRun<C> | undefined;
  #status: ProjectionStatus = "not-started";
  #heldBy: string | undefined;
  #error: Error | undefined;
  #position: Position | null = null;
  #handledBefore = 0;
  #handled = 0;
  #progressMs: number | undefined;
  #isSuspect = false;
  /** How often it was tried to have all lanes at one place, so that there can be others. */
  #levellings = 0;
  #working: Promise<void> | undefined;

  constructor(setting: WorkerSetting<C>) {
    this.#setting = setting;
    this.#runtime = setting.runtime;
  }

  get health(): ProjectionHealth {
    const { projection, resumption, runtime } = this.#setting;
    const progressAgeMs = this.#progressMs === undefined ? null : runtime.clock.monotonicMs() - this.#progressMs;
    return {
      projection: projection.name,
      status: this.#status,
      position: this.#position,
      handled: this.#handledBefore + this.#handled,
      progressAgeMs,
      heldBy: this.#heldBy,
      interruptions: resumption.interruptions,
      error: this.#error,
    };
  }

  /** Begins. What has failed for good, {@link ended} rejects with. */
  start(): void {
    this.#status = "catching-up";
    this.#working = this.#work();
  }

  /** Has it look at the record again: something was changed. */
  wake(): void {
    // What answers may be another generation now.
    this.#position = null;
    this.#run?.end(new ProjectionChanged(this.#setting.projection.name, "was changed"));
  }

  async close(): Promise<void> {
    const reason = new AlreadyClosed(`Projection ${this.#setting.projection.name}`);
    this.#closing.abort(reason);
    this.#run?.end(reason);
    await this.#working;
    if (this.#status !== "stopped") this.#status = "closed";
    this.ended.resolve();
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#status !== "stopped") {
      try {
        const isOver = await this.#workOnce(signal);
        if (isOver) return this.ended.resolve();
      } catch (error) {
        if (!signal.aborted) await this.#afterError(error as Error, signal);
      }
    }
  }

  /** Acquires the generation and runs it, until there is a reason to look again. Whether nothing is its own any more. */
  async #workOnce(signal: AbortSignal): Promise<boolean> {
    const { store, projection, choose, lease } = this.#setting;
    const record = await store.find(projection.name, { signal });
    if (record === undefined) throw new ProjectionStopped(projection.name, "it was removed", "nothing is kept of it");
    const generation = choose(record);
    if (generation === undefined) return true;
    await using held = new HeldGeneration(
      store,
      { projection: projection.name, generation: generation.generation },
      { lease, runtime: this.#runtime },
    );
    const heldBy = await held.acquire(signal);
    if (heldBy !== undefined) {
      [this.#status, this.#heldBy] = ["standby", heldBy.worker];
      await sleep(heldBy.waitMs, { signal, runtime: this.#runtime });
      return false;
    }
    this.#heldBy = undefined;
    this.#isSuspect ||= held.wasAbandoned;
    await this.#runHeld(held, signal);
    return false;
  }

  async #runHeld(held: HeldGeneration<C>, signal: AbortSignal): Promise<void> {
    const { choose, lanes, projection, store } = this.#setting;
    for (;;) {
      signal.throwIfAborted();
      const record = await held.look();
      const generation = choose(record);
      if (generation?.generation !== held.generation) return;
      const isPaused = generation.status === "live" && record.pausedUntil !== null;
      const pausedMs = isPaused ? (record.pausedUntil?.getTime() ?? 0) - this.#runtime.clock.now() : 0;
      if (pausedMs > 0) {
        // One that is only held still for a moment is not paused.
        if (pausedMs > MAX_HELD_MS) this.#status = "paused";
        await held.changed(record.revision, Math.min(pausedMs, held.pollMs), signal);
        continue;
      }
      if (generation.lanes.length !== lanes && isLevel(generation)) {
        await store.change(projection.name, { kind: "lanes", generation: generation.generation, lanes });
        continue;
      }
      await this.#runOnce(held, { generation, revision: record.revision });
    }
  }

  async #runOnce(
    held: HeldGeneration<C>,
    { generation, revision }: { readonly generation: GenerationRecord; readonly revision: number },
  ): Promise<void> {
    const { projection, feed, store, policy, maxCommitMs, committed, failed, limits, lanes } = this.#setting;
    const isSuspect = this.#isSuspect;
    const run = new GenerationRun<C>({
      projection,
      feed,
      store,
      policy,
      committed,
      maxCommitMs,
      limits,
      failed,
      generation,
      revision,
      isSuspect,
      fence: held.fence,
      runtime: this.#runtime,
      progressed: (progress) => {
        this.#progressed(progress);
        if (progress.isLive && generation.lanes.length !== lanes && this.#levellings++ < MAX_LEVELLINGS)
          run.end(new ProjectionChanged(projection.name, `is to go on in ${lanes} lanes`));
      },
    });
    this.#run = run;
    if (this.#status !== "interrupted") this.#status = "catching-up";
    const stopWatching = held.watch(revision, (reason) => run.end(reason));
    try {
      if (this.#closing.signal.aborted) run.end(this.#closing.signal.reason as Error);
      await run.run();
    } catch (error) {
      if (!(error instanceof ProjectionChanged)) throw error;
    } finally {
      stopWatching();
      this.#run = undefined;
      this.#handledBefore += this.#handled;
      this.#handled = 0;
    }
  }

  #progressed(progress: RunProgress): void {
    const { resumption, runtime, progressed } = this.#setting;
    const { upTo, handled, isLive } = progress;
    if (handled > this.#handled || isLive) {
      resumption.reset();
      this.#isSuspect = false;
    }
    this.#position = upTo;
    this.#handled = handled;
    this.#progressMs = runtime.clock.monotonicMs();
    this.#error = undefined;
    this.#status = isLive ? "live" : "catching-up";
    progressed(progress);
  }

  /** Waits until it may be tried again, or stops. */
  async #afterError(error: Error, signal: AbortSignal): Promise<void> {
    const { resumption, projection, interrupted } = this.#setting;
    if (LOOK_AGAIN.some((known) => error instanceof known)) return;
    if (error instanceof ProjectionStopped) return this.#stop(error);
    if (error instanceof PieceFailed) {
      this.#isSuspect = true;
      return;
    }
    if (error instanceof HandlingFailed) return this.#stop(new ProjectionStopped(projection.name, error.message, error.cause));
    if (!resumption.allows(error)) return this.#stop(new ProjectionStopped(projection.name, "it cannot go on", error));
    [this.#status, this.#error] = ["interrupted", error];
    interrupted(error);
    try {
      await resumption.pause([signal], this.#runtime);
    } catch {
      // It is being closed.
    }
  }

  #stop(error: Error): void {
    [this.#status, this.#error] = ["stopped", error];
    this.ended.reject(error);
  }
}

/** Where events come all the time, lanes may never be at one place; they are as they are then. */
const MAX_LEVELLINGS = 20;

/** What the record tells more of. A generation that is not found was dropped. */
const LOOK_AGAIN = [Fenced, ProjectionChanged, ProjectionNotFound, WrongCheckpoint];

/** Whether all its lanes are at one place. */
function isLevel({ lanes }: GenerationRecord): boolean {
  return lanes.every((place) => place === lanes[0]);
}
