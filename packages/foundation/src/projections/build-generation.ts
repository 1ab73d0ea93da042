import { currentRuntime, EitherSignal, onAbort, type Position } from "@reactive-domain/core";
import type { GenerationRecord, ProjectionRecord, ProjectionStore } from "@reactive-domain/persistence";
import type { EventFeed } from "../listeners/event-feed.ts";
import { headOf } from "../listeners/lag.ts";
import { tell } from "../listeners/tell.ts";
import { Resumption } from "../listeners/resumption.ts";
import type { RunSettings } from "./projection-options.ts";
import { placeOf } from "./projection-place.ts";
import { ProjectionWorker } from "./projection-worker.ts";
import type { Projection } from "./projection.ts";

/** How far something is that takes its time. */
export interface BuildProgress {
  readonly projection: string;
  readonly generation: number;
  /** How many events are handled, also before it was interrupted. */
  readonly handled: number;
  /** How many events a second since it began or was taken up again. */
  readonly rate: number;
  /** Where it is, and where the log ended when it was looked at last, in positions. */
  readonly position: Position | null;
  readonly head: Position | null;
  /** How long it will take, in milliseconds, by the positions it has done so far; `null` where that cannot be told. */
  readonly leftMs: number | null;
}

/** What is to be built. */
export interface Building<C> {
  readonly projection: Projection<C>;
  readonly feed: EventFeed;
  readonly store: ProjectionStore<C>;
  readonly settings: RunSettings;
  readonly generation: GenerationRecord;
  readonly lanes: number;
  readonly limits?: readonly (Position | null)[];
  readonly onProgress?: ((progress: BuildProgress) => unknown) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long what is built in big steps may wait for a commit: nobody looks at it. */
const MAX_COMMIT_MS = 2_000;
const PROGRESS_MS = 250;
/** Of a worker, as much as leaves room for what tells apart who builds for it: of two that build the same at the same time one stands by. */
const MAX_NAME_LENGTH = 200;

/**
 * Builds a generation up to the end of the history, and goes on until `isDone` says so, which is asked when it is there, and again behind each step further. What it commits stays:
 * who builds it again goes on from there. Answers whether it is done; if not, it is not being built any more.
 *
 * Errors: `projection-stopped`, the signal's reason, those of `isDone`.
 */
export async function buildGeneration<C>(building: Building<C>, isDone: () => Promise<boolean>): Promise<boolean> {
  const { signal } = building;
  signal?.throwIfAborted();
  const teller = new ProgressTeller(building);
  const ending = new Ending(isDone);
  const worker = workerFor(building, (upTo, handled, isLive) => {
    teller.tell({ upTo, handled });
    if (isLive) ending.ask();
  });
  worker.start();
  using either = new EitherSignal(signal, ending.signal);
  await new Promise<void>((resolve) => {
    worker.ended.promise.then(resolve, resolve);
    onAbort(either.signal, resolve);
    if (either.signal.aborted) resolve();
  });
  await ending.asked();
  await worker.close();
  signal?.throwIfAborted();
  ending.throwIfFailed();
  if (!ending.isDone) await worker.ended.promise;
  await teller.last();
  return ending.isDone;
}

function workerFor<C>(
  { projection, feed, store, settings, generation, lanes, limits }: Building<C>,
  progressed: (upTo: Position | null, handled: number, isLive: boolean) => void,
): ProjectionWorker<C> {
  return new ProjectionWorker<C>({
    projection,
    feed,
    store,
    lanes,
    limits,
    runtime: currentRuntime(),
    policy: settings.policy,
    lease: { ...settings.lease, worker: `${settings.lease.worker.slice(0, MAX_NAME_LENGTH)}, building, ${currentRuntime().ids.next()}` },
    resumption: new Resumption(settings.backoff),
    maxCommitMs: MAX_COMMIT_MS,
    committed: undefined,
    failed: settings.failed,
    choose: (record) => chosen(record, generation.generation),
    interrupted: settings.interrupted,
    progressed: ({ upTo, handled, isLive }) => progressed(upTo, generation.handled + handled, isLive),
  });
}

/** Asks whether it is done, one time after another. */
class Ending {
  readonly #isDone: () => Promise<boolean>;
  readonly #done = new AbortController();
  #asking: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(isDone: () => Promise<boolean>) {
    this.#isDone = isDone;
  }

  get signal(): AbortSignal {
    return this.#done.signal;
  }

  get isDone(): boolean {
    return this.#done.signal.aborted && this.#failure === undefined;
  }

  ask(): void {
    if (!this.#done.signal.aborted) this.#asking ??= this.#ask();
  }

  async asked(): Promise<void> {
    await this.#asking;
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #ask(): Promise<void> {
    try {
      if (await this.#isDone()) this.#done.abort();
    } catch (error) {
      this.#failure = { error };
      this.#done.abort();
    } finally {
      this.#asking = undefined;
    }
  }
}

function chosen({ generations }: ProjectionRecord, number: number): GenerationRecord | undefined {
  return generations.find(({ generation, status }) => generation === number && status === "building");
}

/** Tells how far it is, now and then. */
class ProgressTeller<C> {
  readonly #building: Building<C>;
  readonly #runtime = currentRuntime();
  readonly #beganMs = this.#runtime.clock.monotonicMs();
  #toldMs = Number.NEGATIVE_INFINITY;
  #head: Position | null = null;
  #isOver = false;
  #last: { readonly upTo: Position | null; readonly handled: number };
  readonly #first: Position | null;

  constructor(building: Building<C>) {
    this.#building = building;
    const { lanes, handled } = building.generation;
    this.#first = placeOf({ lanes });
    this.#last = { upTo: this.#first, handled };
  }

  tell(now: { readonly upTo: Position | null; readonly handled: number }): void {
    this.#last = now;
    const { onProgress } = this.#building;
    const nowMs = this.#runtime.clock.monotonicMs();
    if (onProgress === undefined || nowMs - this.#toldMs < PROGRESS_MS) return;
    this.#toldMs = nowMs;
    void this.#lookAtHead().then(() => (this.#isOver ? undefined : tell(onProgress, this.#progress())));
  }

  async last(): Promise<void> {
    const { onProgress } = this.#building;
    if (onProgress === undefined) return;
    await this.#lookAtHead();
    this.#isOver = true;
    await tell(onProgress, this.#progress());
  }

  async #lookAtHead(): Promise<void> {
    try {
      this.#head = await headOf(this.#building.feed.store);
    } catch {
      // It is shown as it was.
    }
  }

  #progress(): BuildProgress {
    const { projection, generation } = this.#building;
    const { upTo, handled } = this.#last;
    const elapsedMs = Math.max(1, this.#runtime.clock.monotonicMs() - this.#beganMs);
    const done = (upTo ?? -1) - (this.#first ?? -1);
    const left = (this.#head ?? -1) - (upTo ?? -1);
    return {
      projection: projection.name,
      generation: generation.generation,
      handled,
      rate: ((handled - generation.handled) * 1_000) / elapsedMs,
      position: upTo,
      head: this.#head,
      leftMs: done <= 0 ? null : Math.max(0, (left * elapsedMs) / done),
    };
  }
}
