import { position, type Position } from "@reactive-domain/core";
import { TransferRefused } from "../errors.ts";
import type { EventStore } from "../event-store.ts";
import { after, type EventBatch } from "../read.ts";
import type { RecordsPart, TransferPart } from "../transfer.ts";

export interface CopyOptions {
  /** Ends the copy early, between two parts: `copyStore` rejects with its reason. Called again it goes on. */
  readonly signal?: AbortSignal;
  /** The most events in a part, 1 to 10,000. Default 2,000. */
  readonly maxPartEvents?: number;
  /** Called after each part that was taken, with the last position of the log as it is known by then. */
  readonly onPart?: (part: TransferPart, head: Position | null) => void;
}

/** What a copy has come to. */
export interface CopyResult {
  readonly log: string;
  /** The copy is as the source was when its log ended here. */
  readonly upTo: Position | null;
  /** How many events this call has copied. */
  readonly events: number;
}

const DEFAULT_PART_EVENTS = 2_000;

/**
 * Copies everything from one store to another, with nothing changed. The target must be empty, or a copy of the same log that nobody has written to otherwise: then
 * the copy goes on where it was.
 *
 * The source may be in use: the copy comes out as the source was at one moment close to the end of the call. Called again it brings what has come since.
 *
 * Errors: `transfer-refused`, `not-supported` where one of them lacks `transfer`, or the target what the source uses, and those of the stores.
 *
 * @example
 * await copyStore(source, target);
 */
export async function copyStore(source: EventStore, target: EventStore, options: CopyOptions = {}): Promise<CopyResult> {
  const copy = await Copy.begin(source, target, options);
  await copy.events();
  for await (const part of source.transfer.records(signalOf(options))) await copy.records(part);
  return copy.result;
}

class Copy {
  readonly #source: EventStore;
  readonly #target: EventStore;
  readonly #options: CopyOptions;
  readonly #log: string;
  #upTo: Position | null;
  #events = 0;

  private constructor(stores: readonly [EventStore, EventStore], options: CopyOptions, log: string, upTo: Position | null) {
    [this.#source, this.#target] = stores;
    this.#options = options;
    this.#log = log;
    this.#upTo = upTo;
  }

  static async begin(source: EventStore, target: EventStore, options: CopyOptions): Promise<Copy> {
    const from = await source.transfer.status(signalOf(options));
    if (from.copy?.isLevel === false)
      throw new TransferRefused("The source", "is itself a copy that is not whole yet", "Finish that copy first");
    const to = await target.transfer.status(signalOf(options));
    const upTo = to.log === from.log ? (to.copy?.upTo ?? null) : null;
    // It takes nothing, and refuses here what it would refuse later.
    await target.transfer.take({ kind: "events", log: from.log, after: null, events: [], upTo: null }, signalOf(options));
    return new Copy([source, target], options, from.log, upTo);
  }

  get result(): CopyResult {
    return { log: this.#log, upTo: this.#upTo, events: this.#events };
  }

  /** Copies the events behind those that are there, up to a place or the end. */
  async events(upTo?: Position | null): Promise<void> {
    const { maxPartEvents = DEFAULT_PART_EVENTS } = this.#options;
    const read = this.#source.read(
      { all: true },
      {
        from: this.#upTo === null ? "start" : after(this.#upTo),
        maxBatchEvents: maxPartEvents,
        ...(upTo !== undefined && upTo !== null && { upTo: { position: upTo } }),
        ...signalOf(this.#options),
      },
    );
    for await (const batch of read.batches()) await this.#take(batch, upTo ?? null);
  }

  async records(part: RecordsPart): Promise<void> {
    const [first] = part.records;
    const head = first?.kind === "log" ? first.head : null;
    // What was committed before the moment of the records, and after the last event that was read.
    if ((head ?? -1) > (this.#upTo ?? -1)) await this.events(head);
    await this.#hand(part, this.#upTo);
  }

  async #take(batch: EventBatch, last: Position | null): Promise<void> {
    const upTo = coveredBy(batch, last);
    if ((upTo ?? -1) <= (this.#upTo ?? -1)) return;
    const { events } = batch;
    await this.#hand({ kind: "events", log: this.#log, after: this.#upTo, events, upTo }, batch.head);
    this.#upTo = upTo;
    this.#events += events.length;
  }

  async #hand(part: TransferPart, head: Position | null): Promise<void> {
    this.#options.signal?.throwIfAborted();
    await this.#target.transfer.take(part);
    this.#options.onPart?.(part, head);
  }
}

/** Up to where a batch, and those before it, have told every event. */
function coveredBy({ isEnd, head, next }: EventBatch, last: Position | null): Position | null {
  if (isEnd) return last ?? head;
  return next === null || next === 0 ? null : position(next - 1);
}

function signalOf({ signal }: CopyOptions): Pick<CopyOptions, "signal"> {
  return signal === undefined ? {} : { signal };
}
