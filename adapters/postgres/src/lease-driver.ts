import { LeaseLost, type Fence, type Lease } from "@reactive-domain/persistence";
import type { LeaseDriver } from "@reactive-domain/persistence/adapter";
import type { Database } from "./database.ts";
import type { Names } from "./schema/names.ts";

/** Leases by the server's clock. A call that is repeated because its connection failed does no harm: a lease that was acquired twice has the later token. */
export class PostgresLeaseDriver implements LeaseDriver {
  readonly #database: Database;
  readonly #names: Names;

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
  }

  async acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined> {
    const call = `SELECT fence, until FROM ${this.#names.of("acquire_lease")}($1, $2, $3)`;
    const [row] = await this.#database.ask(call, [name, owner, durationMs]);
    return row && { name, owner, fence: Number(row[0]) as Fence, until: new Date(Number(row[1])) };
  }

  async renew(lease: Lease, durationMs: number): Promise<Lease> {
    const { name, owner, fence } = lease;
    const [row] = await this.#database.ask(`SELECT ${this.#names.of("renew_lease")}($1, $2, $3, $4)`, [name, owner, fence, durationMs]);
    if (row === undefined) throw new LeaseLost(name, owner, fence);
    return { name, owner, fence, until: new Date(Number(row[0])) };
  }

  async release({ name, owner, fence }: Lease): Promise<void> {
    await this.#database.ask(`SELECT ${this.#names.of("release_lease")}($1, $2, $3)`, [name, owner, fence]);
  }
}
