import type { Runtime } from "@reactive-domain/core";
import type { Pool, PoolClient } from "pg";
import { destroyConnection } from "./destroy-connection.ts";
import { outliveErrors } from "./outlive-errors.ts";

/**
 * Connections of a pool while they are lent. One that gives no answer in time is destroyed, and those that have answered nothing since it was asked are not relied on either:
 * what stops forwarding on a connection without a word (a firewall, a proxy, a server that hangs) does so on all that were open.
 */
export class LentConnections {
  readonly #pool: Pool;
  readonly #runtime: Runtime;
  readonly #lent = new Set<PoolClient>();
  /** Since when an answer is waited for. */
  readonly #askedMs = new Map<PoolClient, number>();
  readonly #answeredMs = new WeakMap<PoolClient, number>();
  #trustedFromMs = Number.NEGATIVE_INFINITY;
  #isGivenUp = false;

  constructor(pool: Pool, runtime: Runtime) {
    this.#pool = pool;
    this.#runtime = runtime;
  }

  /** Whether nothing is lent any more. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /** A connection, to be given back. Errors: PostgreSQL's own. */
  async borrow(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      outliveErrors(client);
      this.#lent.add(client);
      if (this.#isGivenUp) destroyConnection(client);
      if (this.#isGivenUp || this.#isTrusted(client)) return client;
      this.giveBack(client, true);
    }
  }

  giveBack(client: PoolClient, isBroken: boolean): void {
    this.#lent.delete(client);
    if (isBroken) destroyConnection(client);
    else this.#answeredMs.set(client, this.#runtime.clock.monotonicMs());
    client.release(isBroken);
  }

  /** Does work on a connection that is lent, which is destroyed where the work takes longer than that: it fails then. */
  async inTime<T>(client: PoolClient, timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const { clock, scheduler } = this.#runtime;
    const sentMs = clock.monotonicMs();
    const cancel = scheduler.after(timeoutMs, () => this.#distrust(sentMs, noAnswer(timeoutMs)));
    this.#askedMs.set(client, sentMs);
    try {
      return await work();
    } finally {
      cancel();
      this.#askedMs.delete(client);
    }
  }

  /** Destroys what is lent, and what will be. */
  giveUp(): void {
    this.#isGivenUp = true;
    for (const client of this.#lent) destroyConnection(client);
  }

  #distrust(sentMs: number, reason: Error): void {
    this.#trustedFromMs = Math.max(this.#trustedFromMs, sentMs);
    for (const [client, askedMs] of this.#askedMs) if (askedMs <= sentMs) destroyConnection(client, reason);
  }

  /** A new one has just answered. */
  #isTrusted(client: PoolClient): boolean {
    const answeredMs = this.#answeredMs.get(client);
    return answeredMs === undefined || answeredMs >= this.#trustedFromMs;
  }
}

/** Of the code that a socket fails with whose other end is silent. */
function noAnswer(timeoutMs: number): Error {
  return Object.assign(new Error(`The server gave no answer in ${timeoutMs} ms.`), { code: "ETIMEDOUT" });
}
