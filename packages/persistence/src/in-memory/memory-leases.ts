import type { LeaseDriver } from "../adapter/driver.ts";
import { LeaseLost } from "../errors.ts";
import { fence, type Lease } from "../lease.ts";

/** Leases by name. A lease that was given back or has run out stays, so that the next one gets a higher token. */
export class MemoryLeases implements LeaseDriver {
  readonly #leases = new Map<string, Lease>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The lease that was given out last under a name, and whether it is in force. */
  last(name: string): { readonly fence: Lease["fence"]; readonly isHeld: boolean } | undefined {
    const lease = this.#leases.get(name);
    return lease && { fence: lease.fence, isHeld: this.#isHeld(lease) };
  }

  acquire(name: string, owner: string, durationMs: number): Lease | undefined {
    const last = this.#leases.get(name);
    if (last !== undefined && last.owner !== owner && this.#isHeld(last)) return undefined;
    return this.#keep({ name, owner, fence: fence((last?.fence ?? 0) + 1), until: this.#in(durationMs) });
  }

  renew(lease: Lease, durationMs: number): Lease {
    if (!this.#isLast(lease)) throw new LeaseLost(lease.name, lease.owner, lease.fence);
    return this.#keep({ ...lease, until: this.#in(durationMs) });
  }

  release(lease: Lease): void {
    if (this.#isLast(lease)) this.#keep({ ...lease, owner: "", until: new Date(0) });
  }

  #isHeld({ until }: Lease): boolean {
    return until.getTime() > this.#now();
  }

  /** Whether nobody has taken it over, and its owner has not given it back. */
  #isLast({ name, owner, fence: token }: Lease): boolean {
    const last = this.#leases.get(name);
    return last?.fence === token && last.owner === owner;
  }

  #keep(lease: Lease): Lease {
    this.#leases.set(lease.name, lease);
    return lease;
  }

  #in(durationMs: number): Date {
    return new Date(this.#now() + durationMs);
  }
}
