import { InvalidArgument, type Runtime } from "@reactive-domain/core";
import type { AcquireOptions, Lease, Leases, RenewOptions } from "../lease.ts";
import type { CallOptions } from "../read.ts";
import { checkDuration } from "./check-duration.ts";
import { checkNameToKeep, checkOptions, checkTextToKeep, MAX_OWNER_CHARACTERS } from "./check-name.ts";
import type { LeaseDriver } from "./driver.ts";
import { takeTurn } from "./take-turn.ts";

export interface CheckedLeasesOptions {
  /** The driver's part. Throws where there is none, or the store is closed. */
  readonly driver: () => LeaseDriver;
  readonly runtime: Runtime;
}

/** The leases of a port over those of a driver. */
export class CheckedLeases implements Leases {
  readonly #options: CheckedLeasesOptions;

  constructor(options: CheckedLeasesOptions) {
    this.#options = options;
  }

  async acquire(name: string, options: AcquireOptions): Promise<Lease | undefined> {
    checkOptions(options);
    const { owner, durationMs, signal } = options;
    checkNameToKeep(name, "name");
    checkTextToKeep(owner, "owner", MAX_OWNER_CHARACTERS);
    checkDuration("durationMs", durationMs);
    return (await this.#step(signal)).acquire(name, owner, durationMs);
  }

  async renew(lease: Lease, options: RenewOptions): Promise<Lease> {
    checkOptions(options);
    const { durationMs, signal } = options;
    checkLease(lease);
    checkDuration("durationMs", durationMs);
    return (await this.#step(signal)).renew(lease, durationMs);
  }

  async release(lease: Lease, { signal }: CallOptions = {}): Promise<void> {
    checkLease(lease);
    await (await this.#step(signal)).release(lease);
  }

  async #step(signal: AbortSignal | undefined): Promise<LeaseDriver> {
    await takeTurn(this.#options.runtime, signal);
    return this.#options.driver();
  }
}

function checkLease(lease: Lease): void {
  if (typeof lease !== "object" || lease === null || typeof lease.name !== "string")
    throw new InvalidArgument("lease", "a lease that acquire has given", lease);
}
