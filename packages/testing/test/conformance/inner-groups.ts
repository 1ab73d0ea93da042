import type { ConsumerGroups, DeliveryRef, GroupStatus, ParkedDelivery } from "@reactive-domain/persistence";
import type {
  Claim,
  ClaimRequest,
  CompleteGroupDefinition,
  GroupDriver,
  ParkedRequest,
  ReplayRequest,
} from "@reactive-domain/persistence/adapter";

/** How soon a claim is tried again: the port of the other store does not tell when. */
const AGAIN_MS = 10;

/** Consumer groups that do all their work right, by those of another store. */
export class InnerGroups implements GroupDriver {
  readonly inner: ConsumerGroups;
  readonly #onChange: () => void;

  constructor(inner: ConsumerGroups, onChange: () => void) {
    this.inner = inner;
    this.#onChange = onChange;
  }

  create(name: string, definition: CompleteGroupDefinition): Promise<boolean> {
    return this.inner.create(name, definition);
  }

  delete(name: string): Promise<boolean> {
    return this.inner.delete(name);
  }

  list(): Promise<readonly GroupStatus[]> {
    return this.inner.list();
  }

  status(name: string): Promise<GroupStatus> {
    return this.inner.status(name);
  }

  async claim(name: string, request: ClaimRequest): Promise<Claim> {
    const deliveries = await this.inner.claim(name, request);
    return { deliveries, againInMs: AGAIN_MS };
  }

  extend(name: string, deliveries: readonly DeliveryRef[], leaseMs: number): Promise<void> {
    return this.inner.extend(name, deliveries, { leaseMs });
  }

  parked(name: string, { after, limit }: ParkedRequest): Promise<readonly ParkedDelivery[]> {
    return this.inner.parked(name, after === null ? { limit } : { after, limit });
  }

  async replayParked(name: string, { positions, error, limit }: ReplayRequest): Promise<number> {
    const replayed = await this.inner.replayParked(name, { error, limit, ...(positions && { positions }) });
    this.#onChange();
    return replayed;
  }
}
