import type { Clock } from "@reactive-domain/core";
import { LeaseLost, type Fence, type Lease } from "@reactive-domain/persistence";
import type { CheckpointView } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";

/** The last that was given out under a name. */
interface Holding {
  /** `null` when it was given back. */
  readonly owner: string | null;
  readonly fence: Fence;
  readonly untilMs: number;
}

const FIRST_FENCE = 1 as Fence;

/** Leases by name, inside a transaction that its caller holds. */
export class Leases {
  readonly #clock: Clock;
  readonly #select: Statement<[name: string], Holding>;
  readonly #put: Statement<[name: string, owner: string | null, fence: number, untilMs: number]>;

  constructor(database: Database, clock: Clock) {
    this.#clock = clock;
    this.#select = database.prepare("SELECT owner, fence, until AS untilMs FROM leases WHERE name = ?");
    this.#put = database.prepare("INSERT OR REPLACE INTO leases (name, owner, fence, until) VALUES (?, ?, ?, ?)");
  }

  /** The lease that was given out last under a name, and whether it is in force. */
  last(name: string): CheckpointView["lease"] {
    const last = this.#select.get(name);
    return last && { fence: last.fence, isHeld: this.#isHeld(last) };
  }

  acquire(name: string, owner: string, durationMs: number): Lease | undefined {
    const last = this.#select.get(name);
    if (last !== undefined && last.owner !== owner && this.#isHeld(last)) return undefined;
    const fence = last === undefined ? FIRST_FENCE : ((last.fence + 1) as Fence);
    return this.#hold({ name, owner, fence }, durationMs);
  }

  /** Errors: `lease-lost`. */
  renew(lease: Lease, durationMs: number): Lease {
    if (!this.#isLast(lease)) throw new LeaseLost(lease.name, lease.owner, lease.fence);
    return this.#hold(lease, durationMs);
  }

  release(lease: Lease): void {
    if (this.#isLast(lease)) this.#put.run(lease.name, null, lease.fence, 0);
  }

  #isHeld({ owner, untilMs }: Holding): boolean {
    return owner !== null && untilMs > this.#clock.now();
  }

  /** Whether nobody has taken it over, and its owner has not given it back. */
  #isLast({ name, owner, fence }: Lease): boolean {
    const last = this.#select.get(name);
    return last?.fence === fence && last.owner === owner;
  }

  #hold({ name, owner, fence }: Omit<Lease, "until">, durationMs: number): Lease {
    const untilMs = this.#clock.now() + durationMs;
    this.#put.run(name, owner, fence, untilMs);
    return { name, owner, fence, until: new Date(untilMs) };
  }
}
