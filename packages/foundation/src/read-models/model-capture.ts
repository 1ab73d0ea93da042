import { AlreadyClosed, findJsonProblem, InvalidArgument, type JsonValue } from "@reactive-domain/core";
import { NotSerializable } from "@reactive-domain/persistence";
import { checkCheckpoint, type Checkpoint } from "../listeners/checkpoint.ts";
import { Deferred } from "../listeners/deferred.ts";
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
  restoreFromSnapshot(state: never): void;
}

/** Captures the state of a read model at a moment between two events, and restores it. */
export class ModelCapture {
  readonly #core: ModelCore;
  readonly #listeners: ModelListeners;
  readonly #closed = new Deferred();
  #external: readonly Checkpoint[] = [];
  #pending = 0;
  #isRestoring = false;
  #isTouched = false;
  #hasUnknownInput = false;
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
    this.#hasUnknownInput = true;
  }

  noteBroken(error: unknown): void {
    this.#broken ??= error ?? new Error("A handler threw nothing.");
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
    const taken = this.#core.queue.interject(() => {
      if (this.#listeners.isClosed) throw new AlreadyClosed(this.#core.name);
      this.#refuse();
      return this.#take(source);
    });
    return this.#untilClosed(taken);
  }

  /** Errors: `invalid-argument`, `already-closed`, what taking the state over throws. */
  restore(model: object, snapshot: ReadModelSnapshot): void {
    const source = this.#sourceOf(model);
    const { name } = this.#core;
    if (this.#listeners.isClosed) throw new AlreadyClosed(name);
    if (this.#isTouched || !this.#listeners.isEmpty)
      throw new InvalidArgument(`The model that is to be restored`, "one that nothing was started on", name, "Restore it first, and once.");
    const { state, checkpoints, external } = checkSnapshot(snapshot);
    this.#isTouched = true;
    this.#external = external;
    this.#listeners.restore(checkpoints);
    this.#isRestoring = true;
    try {
      source.restoreFromSnapshot(copyOf(state) as never);
    } catch (error) {
      this.noteBroken(error);
      throw error;
    } finally {
      this.#isRestoring = false;
    }
  }

  close(): void {
    this.#closed.reject(new AlreadyClosed(this.#core.name));
  }

  async #untilClosed(taken: Promise<ReadModelSnapshot>): Promise<ReadModelSnapshot> {
    taken.catch(() => undefined);
    try {
      await Promise.race([taken, this.#closed.promise]);
      return await taken;
    } finally {
      this.#pending--;
    }
  }

  #refuse(): void {
    const { name } = this.#core;
    if (this.#broken !== undefined)
      throw new CaptureRefused(name, "a handler threw, so that its state may be half of one. Make another.", { cause: this.#broken });
    const { fault } = this.#listeners;
    if (fault !== undefined) throw new CaptureRefused(name, "a feed has stopped for good. Make another.", { cause: fault });
    if (!this.#listeners.haveBeenLive)
      throw new CaptureRefused(name, "it is still handling its history. Await live before.", { retryable: true });
    if (this.#hasUnknownInput)
      throw new CaptureRefused(name, "it has input that no feed delivered. Tell where it came from by recordExternal.");
  }

  #take(source: StateSource): ReadModelSnapshot {
    const state = source.takeSnapshot();
    const problem = findJsonProblem([state]);
    if (problem !== undefined)
      throw new NotSerializable(`The snapshot of ${this.#core.name}`, problem.path.replace("$[0]", "$"), problem.reason);
    return { state: copyOf(state as JsonValue), checkpoints: this.#listeners.checkpoints, external: this.#external };
  }

  #sourceOf(model: object): StateSource {
    const { takeSnapshot, restoreFromSnapshot } = model as Partial<StateSource>;
    if (typeof takeSnapshot === "function" && typeof restoreFromSnapshot === "function") return model as StateSource;
    throw new InvalidArgument("The model", "one with takeSnapshot and restoreFromSnapshot", this.#core.name);
  }
}

/** Errors: `invalid-argument`. */
export function checkSnapshot(snapshot: unknown): ReadModelSnapshot {
  if (typeof snapshot !== "object" || snapshot === null || !("state" in snapshot))
    throw new InvalidArgument("snapshot", "what capture gave", snapshot);
  const { state, checkpoints, external } = snapshot as ReadModelSnapshot;
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
