import { fence, LeaseLost, type Lease } from "@reactive-domain/persistence";
import { InnerLeases } from "./inner-leases.ts";
import { StoreDriver } from "./store-driver.ts";

/** Gives a lease to whoever asks. */
export class GivesHeldLeases extends StoreDriver {
  override readonly leases = new (class extends InnerLeases {
    override async acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined> {
      const lease = await super.acquire(name, "anybody", durationMs);
      return lease && { ...lease, owner };
    }
  })(this.inner.leases);
}

/** Gives every owner the same token. */
export class KeepsTheToken extends StoreDriver {
  override readonly leases = new (class extends InnerLeases {
    override async acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined> {
      const lease = await super.acquire(name, owner, durationMs);
      return lease && { ...lease, fence: fence(1) };
    }
  })(this.inner.leases);
}

/** Renews a lease that another has taken. */
export class RenewsWhatIsLost extends StoreDriver {
  override readonly leases = new (class extends InnerLeases {
    override async renew(lease: Lease, durationMs: number): Promise<Lease> {
      try {
        return await super.renew(lease, durationMs);
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
        return { ...lease, until: new Date(lease.until.getTime() + durationMs) };
      }
    }
  })(this.inner.leases);
}

/** Raises the token when a lease is renewed, as if it were taken anew. */
export class RenewsUnderANewToken extends StoreDriver {
  override readonly leases = new (class extends InnerLeases {
    override async renew(lease: Lease, durationMs: number): Promise<Lease> {
      await super.renew(lease, durationMs);
      return (await super.acquire(lease.name, lease.owner, durationMs)) ?? lease;
    }
  })(this.inner.leases);
}

/** Frees a lease for whoever once had it. */
export class FreesWhatIsAnothers extends StoreDriver {
  override readonly leases = new (class extends InnerLeases {
    readonly #last = new Map<string, Lease>();

    override async acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined> {
      const lease = await super.acquire(name, owner, durationMs);
      if (lease !== undefined) this.#last.set(name, lease);
      return lease;
    }

    override release(lease: Lease): Promise<void> {
      return super.release(this.#last.get(lease.name) ?? lease);
    }
  })(this.inner.leases);
}
