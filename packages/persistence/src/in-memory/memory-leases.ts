import type { LeaseDriver } from "../adapter/driver.ts";
import type { CheckpointView } from "../adapter/refuse-checkpoint.ts";
import { LeaseLost } from "../errors.ts";
import { fence, type Fence, type Lease } from "../lease.ts";
import type { LeaseRecord } from "../store-record.ts";

/** The last that was given out under a name. It stays when it has ended, so that the next one gets a higher token. */
interface Holding {
  /** `undefined` when it was given back. */
  readonly owner: string | undefined;
  readonly fence: Fence;
  readonly untilMs: number;
}

/** Leases by name. */
export class MemoryLeases implements LeaseDriver {
  readonly #holdings = new Map<string, Holding>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The lease that was given out last under a name, and whether it is in force. */
  last(name: string): CheckpointView["lease"] {
    const last = this.#holdings.get(name);
    return last && { fence: last.fence, isHeld: this.#isHeld(last) };
  }

  acquire(name: string, owner: string, durationMs: number): Lease | undefined {
    const last = this.#holdings.get(name);
    if (last !== undefined && last.owner !== owner && this.#isHeld(last)) return undefined;
    return this.#hold(name, { owner, fence: fence((last?.fence ?? 0) + 1), untilMs: this.#now() + durationMs });
  }

  renew({ name, owner, fence: token }: Lease, durationMs: number): Lease {
    if (!this.#isLast(name, owner, token)) throw new LeaseLost(name, owner, token);
    return this.#hold(name, { owner, fence: token, untilMs: this.#now() + durationMs });
  }

  release({ name, owner, fence: token }: Lease): void {
    if (this.#isLast(name, owner, token)) this.#holdings.set(name, { owner: undefined, fence: token, untilMs: 0 });
  }

  records(): readonly LeaseRecord[] {
    return [...this.#holdings].map(([name, { owner = null, fence: token, untilMs }]) => ({
      kind: "lease",
      name,
      owner,
      fence: token,
      untilMs,
    }));
  }

  restore({ name, owner, fence: token, untilMs }: LeaseRecord): void {
    this.#holdings.set(name, { owner: owner ?? undefined, fence: fence(token), untilMs });
  }

  clear(): void {
    this.#holdings.clear();
  }

  #isHeld({ owner, untilMs }: Holding): boolean {
    return owner !== undefined && untilMs > this.#now();
  }

  /** Whether nobody has taken it over, and its owner has not given it back. */
  #isLast(name: string, owner: string, token: Fence): boolean {
    const last = this.#holdings.get(name);
    return last?.fence === token && last.owner === owner;
  }

  #hold(name: string, holding: Holding & { readonly owner: string }): Lease {
    this.#holdings.set(name, holding);
    return { name, owner: holding.owner, fence: holding.fence, until: new Date(holding.untilMs) };
  }
}
