import { derivedId, ReactiveDomainError, sleep, type Runtime } from "@reactive-domain/core";
import {
  DeliveryLost,
  StreamTombstoned,
  type EventStore,
  type NewEvent,
  type Settlement,
  type WriteItem,
} from "@reactive-domain/persistence";
import { LINK_TYPE } from "../links/link-target.ts";
import type { KeptSubscription } from "./kept-subscription.ts";
import { parkedStream } from "./kept-subscription.ts";
import type { Message } from "./message.ts";

/** What becomes of a message. */
export interface Outcome {
  readonly outcome: Settlement["outcome"];
  readonly reason?: string;
}

export interface SettlerOptions {
  readonly store: EventStore;
  readonly runtime: Runtime;
  readonly kept: KeptSubscription;
  /** The settlements cannot be written; those that were not are delivered again when their leases end. */
  readonly onFault: (error: unknown) => void;
  /** Called when something has been written. */
  readonly onWritten: () => void;
}

interface Pending {
  readonly settlement: Settlement;
  readonly parked: NewEvent | undefined;
}

const MAX_REASON_CHARACTERS = 10_000;
/** A write holds up the event loop for as long as it takes. */
const MAX_WRITE = 250;
/** How long answers gather for one write. */
const GATHER_MS = 5;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS, MAX_TRIES] = [50, 2_000, 12];

/** Writes what becomes of messages. While a write is under way, the next one gathers. */
export class Settler {
  readonly #options: SettlerOptions;
  #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  #isFaulty = false;
  #onEnough: () => void = () => undefined;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** How many settlements are not written yet. */
  get backlog(): number {
    return this.#pending.length;
  }

  settle(message: Message, { outcome, reason }: Outcome): void {
    const { position, fence } = message;
    const error = reason?.slice(0, MAX_REASON_CHARACTERS).toWellFormed();
    this.#add({
      settlement: { position, fence, outcome, ...(error !== undefined && { error }) },
      parked: outcome === "park" ? this.#parkedLink(message, error ?? "") : undefined,
    });
  }

  /** Passes over deliveries that are nothing to the subscription. */
  skip(deliveries: readonly Pick<Settlement, "position" | "fence">[]): void {
    for (const { position, fence } of deliveries) this.#add({ settlement: { position, fence, outcome: "skip" }, parked: undefined });
  }

  /** Gives deliveries back that nobody has seen. */
  release(deliveries: readonly Pick<Settlement, "position" | "fence">[]): void {
    for (const { position, fence } of deliveries) this.#add({ settlement: { position, fence, outcome: "release" }, parked: undefined });
  }

  /** Resolves when everything is written, or cannot be. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  #add(pending: Pending): void {
    if (this.#isFaulty) return;
    this.#pending.push(pending);
    if (this.#pending.length >= this.#most) this.#onEnough();
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        await this.#gathered();
        await this.#writeHeld(this.#pending.splice(0, this.#most));
        this.#options.onWritten();
      }
    } catch (error) {
      this.#isFaulty = true;
      this.#pending = [];
      this.#options.onFault(error);
    } finally {
      this.#writing = undefined;
    }
  }

  get #most(): number {
    return Math.min(MAX_WRITE, this.#options.kept.settings.maxCheckpointCount);
  }

  /** Resolves when there is as much as one write takes, or after a moment. */
  #gathered(): Promise<void> {
    if (this.#pending.length >= this.#most) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.runtime.scheduler.after(GATHER_MS, resolve);
      this.#onEnough = () => {
        cancel();
        resolve();
      };
    });
  }

  /** A write is all or nothing: what is lost is left out, and the rest written again. */
  async #writeHeld(all: readonly Pending[]): Promise<void> {
    let [held, waitMs, tries] = [all, FIRST_WAIT_MS, 1];
    while (held.length > 0) {
      try {
        await this.#options.store.write(this.#itemsOf(held), { systemStreams: true });
        return;
      } catch (error) {
        if (error instanceof DeliveryLost) held = without(held, error);
        else if (error instanceof StreamTombstoned) held = held.map(({ settlement }) => ({ settlement, parked: undefined }));
        else {
          if (!(error instanceof ReactiveDomainError && error.retryable) || tries++ === MAX_TRIES) throw error;
          await sleep(waitMs, { runtime: this.#options.runtime });
          waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
        }
      }
    }
  }

  #itemsOf(held: readonly Pending[]): readonly WriteItem[] {
    const { kept } = this.#options;
    const events = held.map(({ parked }) => parked).filter((event) => event !== undefined);
    const settled: WriteItem = { kind: "settle", group: kept.storeGroup, deliveries: held.map(({ settlement }) => settlement) };
    return events.length === 0 ? [settled] : [{ kind: "append", stream: parkedStream(kept), expectedVersion: "any", events }, settled];
  }

  /** A parked message is a link in a stream of its own, which clients can read. A delivery has a token of its own: parked again, it is another link. */
  #parkedLink({ id, place, number, position, fence }: Message, reason: string): NewEvent {
    const { kept, runtime } = this.#options;
    const added = new Date(runtime.clock.now()).toISOString();
    return {
      id: derivedId(id, `${parkedStream(kept)} ${fence}`, position),
      type: LINK_TYPE,
      schemaVersion: 1,
      contentType: "text/plain",
      data: Buffer.from(place),
      metadata: JSON.stringify({ added, reason, subscriptionEventNumber: number, position, storeGroup: kept.storeGroup }),
    };
  }
}

function without(held: readonly Pending[], { details }: DeliveryLost): readonly Pending[] {
  const rest = held.filter(({ settlement }) => settlement.position !== details["position"]);
  if (rest.length === held.length) throw new Error("A delivery was lost that was not to be settled.");
  return rest;
}
