import { AlreadyClosed, findDataProblem, InvalidArgument, type JsonValue } from "@reactive-domain/core";
import { isThenable } from "@reactive-domain/messaging";
import { NotSerializable } from "@reactive-domain/persistence";
import { checkCheckpoint, type Checkpoint } from "../listeners/checkpoint.ts";
import { CaptureRefused } from "./errors.ts";
import type { ModelCore, ModelListeners } from "./model-listeners.ts";

/** The state of a read model, and exactly which events it is the fold of. JSON data. */
export interface ReadModelSnapshot<S = JsonValue> {
  readonly state: S;
  /** By feed, the last event that is in the state. */
  readonly checkpoints: readonly Checkpoint[];
  /** Where input came from that was not delivered by a feed, as it was recorded. */
  readonly external: readonly Checkpoint[];
}

/** What gives a state, and takes one. */
export interface StateSource {
  takeSnapshot(): unknown;
  restoreFromSnapshot(state: never): unknown;
}

/** Captures the state of a read model at a moment between two events, and restores it. */
export class ModelCapture {
  readonly #core: ModelCore;
  readonly #listeners: ModelListeners;
  /** What ends those that are pending. */
  readonly #cancels = new Set<(error: Error) => void>();
  #external: readonly Checkpoint[] = [];
  #pending = 0;
  #isRestoring = false;
  #isTouched = false;
  #hasUnknownInput = false;
  /** Whether the input that is being handled has an origin, which is recorded behind it. */
  #isOriginKnown = false;
  #broken: unknown;

  constructor(core: ModelCore, listeners: ModelListeners) {
    this.#core = core;
    this.#listeners = listeners;
  }

  get external(): readonly Checkpoint[] {
    return this.#external;
  }

  /** Why the state may be half of one. */
  get broken(): unknown {
    return this.#broken;
  }

  /** Whether one has been asked for and is not taken yet. Errors: `capture-refused`. */
  refuseStart(): void {
    if (this.#pending > 0)
      throw new CaptureRefused(this.#core.name, "a feed is started meanwhile. Start it when the capture is done.", { retryable: true });
  }

  /** Input came from outside of the feeds, which no checkpoint tells of yet. */
  noteInput(): void {
    if (this.#isRestoring) return;
    this.#isTouched = true;
    if (!this.#isOriginKnown) this.#hasUnknownInput = true;
  }

  /** Has input handled in the model's queue, and its origin recorded behind it. Errors: `already-closed`, `invalid-argument`, what handling it throws. */
  async receive(handle: () => Promise<void> | undefined, origin: Checkpoint | undefined): Promise<void> {
    if (origin !== undefined) checkCheckpoint(origin);
    await this.#core.queue.run(async () => {
      if (this.#listeners.isClosed) throw new AlreadyClosed(this.#core.name);
      this.#isOriginKnown = origin !== undefined;
      try {
        await handle();
      } catch (error) {
        this.#noteBroken(error);
        throw error;
      } finally {
        this.#isOriginKnown = false;
      }
      if (origin !== undefined) this.recordExternal(origin);
    });
  }

  recordExternal(checkpoint: Checkpoint): void {
    checkCheckpoint(checkpoint);
    const { feed, version, position } = checkpoint;
    this.#external = [...this.#external.filter((one) => one.feed !== feed), { feed, version, position }];
    this.#isTouched = true;
    this.#hasUnknownInput = false;
  }

  /** Errors, at once: `capture-refused`, `invalid-argument`. Rejects: `already-closed`, `not-serializable`, what taking the state throws. */
  capture(model: object): Promise<ReadModelSnapshot> {
    const source = this.#sourceOf(model);
    if (this.#listeners.isClosed) return Promise.reject(new AlreadyClosed(this.#core.name));
    this.#refuse();
    this.#pending++;
    return this.#untilClosed(this.#interject(source)).finally(() => this.#pending--);
  }

  /** The same where nobody waits for it: rather than a start, it is refused. Rejects: as {@link capture}. */
  async captureMeanwhile(model: object): Promise<ReadModelSnapshot> {
    return this.#untilClosed(this.#interject(this.#sourceOf(model)));
  }

  /** Errors: `invalid-argument`, `already-closed`, what taking the state over throws. */
  restore(model: object, snapshot: ReadModelSnapshot): void {
    const source = this.checkRestorable(model);
    const { state, checkpoints, external } = checkSnapshot(snapshot);
    this.#isTouched = true;
    this.#external = external;
    this.#listeners.restore(checkpoints);
    this.#isRestoring = true;
    try {
      refusePromise(source.restoreFromSnapshot(copyOf(state) as never));
    } catch (error) {
      this.#noteBroken(error);
      throw error;
    } finally {
      this.#isRestoring = false;
    }
  }

  /** Errors: `invalid-argument`, `already-closed`. */
  checkRestorable(model: object): StateSource {
    const source = this.#sourceOf(model);
    const { name } = this.#core;
    if (this.#listeners.isClosed) throw new AlreadyClosed(name);
    if (this.#isTouched || !this.#listeners.isEmpty)
      throw new InvalidArgument("The model that is to be restored", "one that nothing was started on", name, "Restore it first, and once.");
    return source;
  }

  close(): void {
    for (const cancel of this.#cancels) cancel(new AlreadyClosed(this.#core.name));
  }

  /** A race with a promise that lives as long as the model would keep every state that was captured. */
  #untilClosed(taken: Promise<ReadModelSnapshot>): Promise<ReadModelSnapshot> {
    return new Promise((resolve, reject) => {
      this.#cancels.add(reject);
      const forget = (): boolean => this.#cancels.delete(reject);
      taken.then(resolve, reject).then(forget, forget);
    });
  }

  #interject(source: StateSource): Promise<ReadModelSnapshot> {
    return this.#core.queue.interject(() => {
      if (this.#listeners.isClosed) throw new AlreadyClosed(this.#core.name);
      this.#refuse();
      return this.#take(source);
    });
  }

  #noteBroken(error: unknown): void {
    this.#broken ??= error ?? new Error("A handler threw nothing.");
  }

  #refuse(): void {
    const { name } = this.#core;
    if (this.#broken !== undefined)
      throw new CaptureRefused(name, "a handler threw, so that its state may be half of one. Make another.", { cause: this.#broken });
    const { fault } = this.#listeners;
    if (fault !== undefined) throw new CaptureRefused(name, "a feed has stopped for good. Make another.", { cause: fault });
    const { ambiguousFeed } = this.#listeners;
    if (ambiguousFeed !== undefined)
      throw new CaptureRefused(
        name,
        `it takes two feeds of the name ${ambiguousFeed} from different stores, which checkpoints could not tell apart.`,
      );
    if (!this.#listeners.haveBeenLive)
      throw new CaptureRefused(name, "it is still handling its history. Await live before.", { retryable: true });
    if (this.#hasUnknownInput)
      throw new CaptureRefused(name, "it has input that no feed delivered. Tell where it came from by recordExternal.");
  }

  #take(source: StateSource): ReadModelSnapshot {
    const state = source.takeSnapshot();
    const problem = findDataProblem(state);
    if (problem !== undefined) throw new NotSerializable(`The snapshot of ${this.#core.name}`, problem.path, problem.reason);
    return { state: copyOf(state as JsonValue), checkpoints: this.#listeners.checkpoints, external: this.#external };
  }

  #sourceOf(model: object): StateSource {
    const { takeSnapshot, restoreFromSnapshot } = model as Partial<StateSource>;
    if (typeof takeSnapshot === "function" && typeof restoreFromSnapshot === "function") return model as StateSource;
    throw new InvalidArgument("The model", "one with takeSnapshot and restoreFromSnapshot", this.#core.name);
  }
}

/** What comes later would be handled by a model that is started by then. Errors: `invalid-argument`. */
function refusePromise(answer: unknown): void {
  if (!isThenable(answer)) return;
  answer.then(undefined, () => undefined);
  throw new InvalidArgument("restoreFromSnapshot", "a function that takes the state over at once", "one that answers a promise");
}

/** Errors: `invalid-argument`. */
export function checkSnapshot(snapshot: unknown): ReadModelSnapshot {
  if (typeof snapshot !== "object" || snapshot === null || !("state" in snapshot))
    throw new InvalidArgument("snapshot", "what capture gave", snapshot);
  const { state, checkpoints, external } = snapshot as ReadModelSnapshot;
  const problem = findDataProblem(state);
  if (problem !== undefined) throw new InvalidArgument("The state of a snapshot", "JSON data, as capture gave it", state);
  for (const [name, list] of Object.entries({ checkpoints, external })) {
    if (!Array.isArray(list)) throw new InvalidArgument(`The ${name} of a snapshot`, "a list", list);
    for (const checkpoint of list as readonly unknown[]) checkCheckpoint(checkpoint);
  }
  return { state, checkpoints, external };
}

/** What is in use goes on changing. */
function copyOf(state: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(state)) as JsonValue;
}
