import { onAbort, sleep, yieldToLoop, type Runtime } from "@reactive-domain/core";
import type { Delivery, EventStore } from "@reactive-domain/persistence";
import { LEASE_MS } from "./held-leases.ts";

const WAIT_MS = 60_000;
/** A claim costs a transaction, however little it takes: what comes free just behind one gathers for so long, unless it is as much as a claim takes. */
const GATHER_MS = 5;
/** A claim holds up the event loop for as long as it takes, and clients take little more than 64 KiB until the loop turns. */
const MAX_CLAIM = 250;
/** By which a server is told from others in its name, which is kept with every event that it holds. */
const NAME_DIGITS = 12;

export interface ClaimsOptions {
  readonly store: EventStore;
  readonly runtime: Runtime;
  readonly group: string;
  /** Ends the claims. */
  readonly signal: AbortSignal;
  /** How many events to claim now; 0 waits until {@link Claims.wake} is called. */
  readonly wanted: () => number;
  readonly onClaimed: (deliveries: readonly Delivery[]) => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** Claims events of a group, one claim after another, as long as somebody wants them. */
export class Claims {
  /** Resolves when nothing more is claimed. */
  readonly ended: Promise<void>;
  readonly #options: ClaimsOptions;
  readonly #consumer: string;
  #wake: () => void = () => undefined;
  #claimedMs = Number.NEGATIVE_INFINITY;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#consumer = `server ${options.runtime.ids.next().slice(-NAME_DIGITS)}`;
    this.ended = this.#run();
  }

  wake(): void {
    this.#wake();
  }

  async #run(): Promise<void> {
    const { signal, wanted, onFault, runtime } = this.#options;
    // Whoever makes it has it first.
    await new Promise<void>((resolve) => {
      runtime.scheduler.soon(resolve);
    });
    try {
      while (!signal.aborted) {
        await this.#gathered();
        const maxEvents = Math.min(wanted(), MAX_CLAIM);
        if (maxEvents === 0) await this.#woken();
        else await this.#take(maxEvents);
      }
    } catch (error) {
      if (!signal.aborted) runtime.scheduler.soon(() => onFault(error));
    }
  }

  /** What was claimed is not held on to while the next claim waits. */
  async #take(maxEvents: number): Promise<void> {
    const { onClaimed, runtime } = this.#options;
    const deliveries = await this.#claim(maxEvents);
    this.#claimedMs = runtime.clock.monotonicMs();
    // Sockets wait since the claim began.
    await yieldToLoop({ runtime });
    await onClaimed(deliveries);
  }

  async #gathered(): Promise<void> {
    const { runtime, signal, wanted } = this.#options;
    const leftMs = this.#claimedMs + GATHER_MS - runtime.clock.monotonicMs();
    const count = wanted();
    if (leftMs > 0 && count > 0 && count < MAX_CLAIM) await sleep(leftMs, { runtime, signal });
  }

  #claim(maxEvents: number): Promise<readonly Delivery[]> {
    const { store, group, signal } = this.#options;
    return store.groups.claim(group, { consumer: this.#consumer, maxEvents, leaseMs: LEASE_MS, waitMs: WAIT_MS, signal });
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      const stop = onAbort(this.#options.signal, resolve);
      this.#wake = () => {
        stop();
        resolve();
      };
    });
  }
}
