import { AlreadyClosed, checkKeys, InvalidArgument, warn, yieldToLoop, type Position, type Runtime } from "@reactive-domain/core";
import { NotSupported, type EventStore, type Snapshot } from "@reactive-domain/persistence";
import type { Checkpoint } from "../listeners/checkpoint.ts";
import { headOf } from "../listeners/lag.ts";
import { CorruptSnapshot, SnapshotNotWritten } from "../repositories/errors.ts";
import { sealState, unsealState } from "../snapshots/sealed-state.ts";
import { CaptureRefused } from "./errors.ts";
import { checkSnapshot, type ReadModelSnapshot } from "./model-capture.ts";

/** Where the state of a read model is kept, and when. */
export interface KeepOptions {
  /** What it is kept under: one name for each read model, 1 to 500 characters. */
  readonly name: string;
  /** Version of the state's shape, and of what handlers make of events: an integer from 1. Raise it when either changes: what was kept before is passed over then. */
  readonly schemaVersion: number;
  /** Kept again when so many events were handled since, from 1. Default 10,000, or never where `everyMs` is given. */
  readonly everyEvents?: number;
  /** Kept again when something was handled since, and so much time has passed, in milliseconds, above 0. Default: never. */
  readonly everyMs?: number;
  /** Whether the model's `close` keeps it too, where something was handled since: the next start then reads only what is new. Default `false`. */
  readonly onClose?: boolean;
  /** The store whose events the model handles: a state that is ahead of its log is passed over. Default: the store in which it is kept. */
  readonly log?: EventStore;
}

/** The keeping of a read model's state. */
export interface SnapshotKeeping {
  /** Whether a state was found that the model goes on from. */
  readonly restored: boolean;
  /**
   * Keeps the state now, at a good moment to stop the program, say. Answers whether it is kept: not where nothing was handled yet, nor where another program has
   * kept a later one or one of a later schema version. Errors: those of `capture`, all of which reject, and of the store.
   */
  save(): Promise<boolean>;
}

/** The read model whose state is kept. */
export interface KeptModel {
  readonly name: string;
  readonly runtime: Runtime;
  /** Whether it has handled the history of what it was started on, and none of it has stopped for good. */
  readonly isReady: () => boolean;
  readonly capture: () => Promise<ReadModelSnapshot>;
  readonly restore: (snapshot: ReadModelSnapshot) => void;
}

const PREFIX = "read-model.";
const DEFAULT_EVERY_EVENTS = 10_000;

/** Keeps the state of one read model in a store, where nobody waits for it. */
export class KeptSnapshots implements SnapshotKeeping {
  readonly #model: KeptModel;
  readonly #store: EventStore;
  readonly #options: Required<Omit<KeepOptions, "log">>;
  readonly #log: EventStore;
  #restored = false;
  /** The hash of what is kept and cannot be used: it is replaced, however far it says it is. */
  #unusable: string | undefined;
  #events = 0;
  #lastMs: number;
  #writing: Promise<unknown> | undefined;
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(model: KeptModel, store: EventStore, options: KeepOptions) {
    this.#model = model;
    this.#store = store;
    this.#options = complete(options);
    this.#log = options.log ?? store;
    this.#lastMs = model.runtime.clock.monotonicMs();
    const gap = store.gaps.snapshots;
    if (gap !== undefined) throw new NotSupported("The store", "snapshots", gap);
  }

  get restored(): boolean {
    return this.#restored;
  }

  get isKeptOnClose(): boolean {
    return this.#options.onClose && !this.#isClosed;
  }

  /** Restores what is kept. Errors: those of the store, what taking the state over throws. */
  async restore(): Promise<void> {
    const kept = await this.#store.snapshot(this.#name);
    if (kept === undefined || kept.schemaVersion !== this.#options.schemaVersion) return;
    const snapshot = await this.#read(kept);
    if (snapshot === undefined) return;
    this.#model.restore(snapshot);
    this.#restored = true;
  }

  /** So many more events are handled. */
  progressed(events: number): void {
    this.#events += events;
    if (this.#events === 0 || this.#isClosed || this.#writing !== undefined || !this.#model.isReady()) return;
    const { everyEvents, everyMs } = this.#options;
    const leftMs = everyMs - (this.#model.runtime.clock.monotonicMs() - this.#lastMs);
    if (this.#events >= everyEvents || leftMs <= 0) this.#begin();
    else if (Number.isFinite(leftMs)) this.#cancelTimer ??= this.#model.runtime.scheduler.after(leftMs, () => this.#onTime());
  }

  async save(): Promise<boolean> {
    await this.#writing;
    this.#note();
    return this.#write();
  }

  /** Keeps what was handled since, before the model closes. What fails is a warning. */
  async finish(): Promise<void> {
    await this.#writing;
    if (this.#isClosed || this.#events === 0 || !this.#model.isReady()) return;
    this.#begin();
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer();
    await this.#writing;
  }

  get #name(): string {
    return `${PREFIX}${this.#options.name}`;
  }

  #onTime(): void {
    this.#cancelTimer = undefined;
    this.progressed(0);
  }

  #begin(): void {
    const events = this.#events;
    this.#note();
    this.#writing = this.#writeLater(events);
  }

  /** From now on distance and time are counted anew, whether it goes well or not. */
  #note(): void {
    this.#events = 0;
    this.#lastMs = this.#model.runtime.clock.monotonicMs();
    this.#stopTimer();
  }

  async #writeLater(events: number): Promise<void> {
    try {
      await yieldToLoop({ runtime: this.#model.runtime });
      await this.#write();
    } catch (error) {
      // Another feed was started: it is kept when that is live.
      if (error instanceof CaptureRefused && error.retryable) this.#events += events;
      else if (!(error instanceof AlreadyClosed)) warn(new SnapshotNotWritten(this.#name, error));
    } finally {
      this.#writing = undefined;
    }
    this.progressed(0);
  }

  async #write(): Promise<boolean> {
    const snapshot = await this.#model.capture();
    const reached = furthest([...snapshot.checkpoints, ...snapshot.external]);
    if (reached === null) return false;
    const { schemaVersion } = this.#options;
    const known = await this.#store.snapshot(this.#name);
    const isUsable = known?.hash !== this.#unusable;
    // A program of the next release may have kept one already, or one of this release that is further.
    if (known !== undefined && isUsable && isLater(known, { schemaVersion, version: reached })) return false;
    // A store passes over what is behind that which it has.
    const version = isUsable ? reached : Math.max(reached, known?.version ?? 0);
    const item = sealState(`The snapshot of ${this.#model.name}`, { name: this.#name, version, schemaVersion }, snapshot);
    if (item.hash !== known?.hash) await this.#store.write([item]);
    return true;
  }

  /** What is kept, where it is whole and of this log. */
  async #read(kept: Snapshot): Promise<ReadModelSnapshot | undefined> {
    try {
      const snapshot = checkSnapshot(unsealState(kept));
      const [reached, head] = [furthest(snapshot.checkpoints), await headOf(this.#log)];
      if ((reached ?? -1) <= (head ?? -1)) return snapshot;
      throw new TypeError(`It holds events up to position ${reached}, but the log ends at ${head ?? "none"}.`);
    } catch (cause) {
      if (!(cause instanceof TypeError || cause instanceof InvalidArgument)) throw cause;
      this.#unusable = kept.hash;
      warn(new CorruptSnapshot(this.#name, kept.version, cause));
      return undefined;
    }
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** Whether it is not to be replaced by one of this place. */
function isLater(known: Snapshot, { schemaVersion, version }: Pick<Snapshot, "schemaVersion" | "version">): boolean {
  return known.schemaVersion > schemaVersion || (known.schemaVersion === schemaVersion && known.version > version);
}

function furthest(checkpoints: readonly Checkpoint[]): Position | null {
  const positions = checkpoints.map(({ position }) => position).filter((position) => position !== null);
  return positions.length === 0 ? null : (Math.max(...positions) as Position);
}

function complete(options: KeepOptions): Required<Omit<KeepOptions, "log">> {
  checkKeys("options to keep snapshots", options, ["name", "schemaVersion", "everyEvents", "everyMs", "onClose", "log"]);
  const { name, schemaVersion, everyMs, onClose = false } = options;
  const { everyEvents = everyMs === undefined ? DEFAULT_EVERY_EVENTS : Number.POSITIVE_INFINITY } = options;
  if (typeof name !== "string" || name.trim() === "" || name.length > 500)
    throw new InvalidArgument("name", "text of 1 to 500 characters", name);
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 1)
    throw new InvalidArgument("schemaVersion", "an integer from 1", schemaVersion);
  if (everyEvents !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(everyEvents) && everyEvents >= 1))
    throw new InvalidArgument("everyEvents", "an integer from 1", everyEvents);
  if (everyMs !== undefined && !(everyMs > 0)) throw new InvalidArgument("everyMs", "a number above 0", everyMs);
  return { name, schemaVersion, everyEvents, everyMs: everyMs ?? Number.POSITIVE_INFINITY, onClose };
}
