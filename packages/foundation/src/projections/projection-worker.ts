import { AlreadyClosed, sleep, type Runtime } from "@reactive-domain/core";
import { ProjectionChanged, type GenerationRecord, type ProjectionRecord, type ProjectionStore } from "@reactive-domain/persistence";
import { Deferred } from "../listeners/deferred.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { Resumption } from "../listeners/resumption.ts";
import { HandlingFailed, PieceFailed, ProjectionStopped } from "./errors.ts";
import { GenerationRun, type RunProgress, type RunSetting } from "./generation-run.ts";
import { MAX_HELD_MS } from "./held-still.ts";
import { HeldGeneration, type Lease } from "./held-generation.ts";
import { isToLookAgain, LOOK_AGAIN_MS } from "./look-again.ts";
import type { Projection } from "./projection.ts";
import { WorkerState } from "./worker-state.ts";
import type { ProjectionHealth } from "./projection-status.ts";

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
  readonly #state: WorkerState;
  #isSuspect = false;
  /** How often it was tried to have all lanes at one place, so that there can be others. */
  #levellings = 0;
  #working: Promise<void> | undefined;
  readonly #worked = new AbortController();

  constructor(setting: WorkerSetting<C>) {
    this.#setting = setting;
    this.#runtime = setting.runtime;
    this.#state = new WorkerState(setting.runtime.clock);
  }

  get health(): ProjectionHealth {
    const { projection, resumption } = this.#setting;
    return this.#state.health(projection.name, resumption.interruptions);
  }

  /** Begins. What has failed for good, {@link ended} rejects with. */
  start(): void {
    this.#state.status = "catching-up";
    this.#working = this.#work().finally(() => this.#worked.abort());
  }

  /** Has it look at the record again: something was changed. */
  wake(): void {
    // What answers may be another generation now.
    this.#state.position = null;
    this.#run?.end(new ProjectionChanged(this.#setting.projection.name, "was changed"));
  }

  async close(): Promise<void> {
    const reason = new AlreadyClosed(`Projection ${this.#setting.projection.name}`);
    this.#closing.abort(reason);
    this.#run?.end(reason);
    await this.#endOfWork();
    if (this.#state.status !== "stopped") this.#state.status = "closed";
    this.ended.resolve();
  }

  /** What never comes back must not keep a program from ending: its commit is refused when somebody else is at work. */
  async #endOfWork(): Promise<void> {
    await this.#wait(this.#working === undefined ? 0 : CLOSING_MS, this.#worked.signal);
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#state.status !== "stopped") {
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
    const heldBy = await held.acquire();
    if (heldBy !== undefined) {
      this.#state.become("standby");
      this.#state.heldBy = heldBy.worker;
      await sleep(heldBy.waitMs, { signal, runtime: this.#runtime });
      return false;
    }
    this.#state.heldBy = undefined;
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
        if (pausedMs > MAX_HELD_MS) this.#state.status = "paused";
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
    if (this.#state.status !== "interrupted") this.#state.status = "catching-up";
    const stopWatching = held.watch(
      revision,
      (reason) => run.end(reason),
      () => run.waitsMs > MAX_HANDLING_MS,
    );
    try {
      if (this.#closing.signal.aborted) run.end(this.#closing.signal.reason as Error);
      await run.run();
    } catch (error) {
      if (!(error instanceof ProjectionChanged)) throw error;
    } finally {
      stopWatching();
      this.#run = undefined;
      this.#state.runEnded();
    }
  }

  #progressed(progress: RunProgress): void {
    const { resumption, progressed } = this.#setting;
    if (progress.handled > this.#state.handled || progress.isLive) {
      resumption.reset();
      this.#isSuspect = false;
    }
    this.#state.progressed(progress);
    progressed(progress);
  }

  /** Waits until it may be tried again, or stops. */
  async #afterError(error: Error, signal: AbortSignal): Promise<void> {
    const { resumption, projection, interrupted } = this.#setting;
    if (isToLookAgain(error)) return this.#wait(LOOK_AGAIN_MS, signal);
    if (error instanceof ProjectionStopped) return this.#stop(error);
    if (error instanceof PieceFailed) {
      this.#isSuspect = true;
      return;
    }
    if (error instanceof HandlingFailed) return this.#stop(new ProjectionStopped(projection.name, error.message, error.cause));
    if (!resumption.allows(error)) return this.#stop(new ProjectionStopped(projection.name, "it cannot go on", error));
    this.#state.become("interrupted", error);
    interrupted(error);
    try {
      await resumption.pause([signal], this.#runtime);
    } catch {
      // It is being closed.
    }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await sleep(ms, { signal, runtime: this.#runtime });
    } catch {
      // It is being closed.
    }
  }

  #stop(error: Error): void {
    this.#state.become("stopped", error);
    this.ended.reject(error);
  }
}

/** How long closing waits for handlers that do not end. */
const CLOSING_MS = 10_000;
/** How long a commit may take, with the handlers in it, until others may try. */
const MAX_HANDLING_MS = 300_000;

/** Where events come all the time, lanes may never be at one place; they are as they are then. */
const MAX_LEVELLINGS = 20;

/** Whether all its lanes are at one place. */
function isLevel({ lanes }: GenerationRecord): boolean {
  return lanes.every((place) => place === lanes[0]);
}
