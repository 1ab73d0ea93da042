import { ReactiveDomainError, type Runtime } from "@reactive-domain/core";
import { DeliveryLost, type DeliveryRef, type EventStore, type Fence } from "@reactive-domain/persistence";

/** How long a server that is killed keeps its messages from others. */
export const LEASE_MS = 10_000;
const BEAT_MS = 2_000;
/** How many are extended together: of those that are lost each is told by a refusal of all of them. */
const AT_ONCE = 100;

export interface HeldLeasesOptions {
  readonly store: EventStore;
  readonly runtime: Runtime;
  readonly group: string;
  readonly held: () => Iterable<DeliveryRef>;
  readonly onLost: (lost: DeliveryRef) => void;
  readonly onFault: (error: unknown) => void;
}

/** Holds on to what a server has of a group, as long as the server lives. */
export class HeldLeases {
  readonly #options: HeldLeasesOptions;
  #cancel: () => void = () => undefined;
  #isEnded = false;
  /** The tokens of what was held at the last beat. What came since needs no longer lease yet, and most of it is settled before the next. */
  #known: ReadonlySet<Fence> = new Set();

  constructor(options: HeldLeasesOptions) {
    this.#options = options;
    this.#beat();
  }

  end(): void {
    this.#isEnded = true;
    this.#cancel();
  }

  #beat(): void {
    if (this.#isEnded) return;
    this.#cancel = this.#options.runtime.scheduler.after(BEAT_MS, () => void this.#hold());
  }

  async #hold(): Promise<void> {
    const known = this.#known;
    this.#known = new Set(Array.from(this.#options.held(), ({ fence }) => fence));
    try {
      await this.#extend(known);
    } catch (error) {
      // The next beat comes before the leases end, and claims wait as well while the store is away.
      if (!(error instanceof ReactiveDomainError && error.retryable)) this.#options.onFault(error);
    }
    this.#beat();
  }

  async #extend(known: ReadonlySet<Fence>): Promise<void> {
    const refs = [...this.#options.held()].filter(({ fence }) => known.has(fence)).map(({ position, fence }) => ({ position, fence }));
    for (let index = 0; index < refs.length; index += AT_ONCE) await this.#extendHeld(refs.slice(index, index + AT_ONCE));
  }

  /** All or none are extended: what is lost is left out. */
  async #extendHeld(refs: readonly DeliveryRef[]): Promise<void> {
    const { store, group, onLost } = this.#options;
    for (let held = refs; held.length > 0;) {
      try {
        await store.groups.extend(group, held, { leaseMs: LEASE_MS });
        return;
      } catch (error) {
        if (!(error instanceof DeliveryLost)) throw error;
        const { position: place } = error.details;
        const lost = held.find(({ position }) => position === place);
        if (lost === undefined) throw error;
        // What was settled since is lost as well, and not held any more.
        onLost(lost);
        held = held.filter((one) => one !== lost);
      }
    }
  }
}
