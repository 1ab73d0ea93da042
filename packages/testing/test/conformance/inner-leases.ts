import type { Lease, Leases } from "@reactive-domain/persistence";
import type { LeaseDriver } from "@reactive-domain/persistence/adapter";

/** Leases that do all their work right, by those of another store. */
export class InnerLeases implements LeaseDriver {
  readonly inner: Leases;

  constructor(inner: Leases) {
    this.inner = inner;
  }

  acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined> {
    return this.inner.acquire(name, { owner, durationMs });
  }

  renew(lease: Lease, durationMs: number): Promise<Lease> {
    return this.inner.renew(lease, { durationMs });
  }

  release(lease: Lease): Promise<void> {
    return this.inner.release(lease);
  }
}
