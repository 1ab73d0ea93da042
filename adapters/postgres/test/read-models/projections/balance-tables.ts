import { position, type Position } from "@reactive-domain/core";
import { defineListing } from "@reactive-domain/messaging";
import {
  defineReadModels,
  type Acquisition,
  type ProjectionCommit,
  type ProjectionMaking,
  type ReadModels,
  type TableNamer,
} from "@reactive-domain/persistence";
import { openPostgresReadModels, type PostgresReadModelOptions } from "@reactive-domain/postgres";
import type { Pool, PoolClient } from "pg";
import { onTestFinished } from "vitest";

export type PostgresModels = ReadModels<PoolClient>;
export type Work = NonNullable<ProjectionCommit<PoolClient>["work"]>;

/** The name of the projections of these tests. */
export const NAME = "accounts";

export const accountViews = defineReadModels("account-views", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", balance: "number" } }),
  indexes: [["balance"]],
});

/** Opens read models within a test, at whose end they are closed. */
export async function openedModels(where: string | Pool, options: PostgresReadModelOptions): Promise<PostgresModels> {
  const models = await openPostgresReadModels(where, options);
  onTestFinished(() => models.close());
  return models;
}

/** A projection of documents. */
export function documents(version = 1): ProjectionMaking<PoolClient> {
  return { name: NAME, version, shape: { kind: "documents", shape: accountViews } };
}

/** A projection of one table, with an index. */
export function balances(version = 1, more = ""): ProjectionMaking<PoolClient> {
  const create = (client: PoolClient, table: TableNamer): Promise<unknown> =>
    client.query(
      `CREATE TABLE ${table("balances")} (account text, balance bigint, note json); CREATE INDEX ${table("balances_by_account")} ON ${table("balances")} (account); ${more}`,
    );
  return { name: NAME, version, shape: { kind: "tables", tables: ["balances"], create } };
}

/** SQL that adds a row. */
export function adding(account: string, balance: number | null): Work {
  return (client, table) => client.query(`INSERT INTO ${table("balances")} VALUES ($1, $2, '{"a": 1}')`, [account, balance]);
}

type Granted = Extract<Acquisition, { readonly record: unknown }>;

/** What a worker commits beside where it is. */
type Done = Partial<Pick<ProjectionCommit<PoolClient>, "work" | "documents" | "entries" | "settled">>;

/** Who works on a generation, in one lane or several. */
export class Worker {
  readonly granted: Granted;
  readonly generation: number;
  revision: number;
  readonly #models: PostgresModels;
  readonly #lanes: (Position | null)[];

  private constructor(models: PostgresModels, generation: number, granted: Granted) {
    this.#models = models;
    this.generation = generation;
    this.granted = granted;
    this.revision = granted.record.revision;
    this.#lanes = [...(granted.record.generations.find((one) => one.generation === generation)?.lanes ?? [])];
  }

  static async of(models: PostgresModels, generation = 1, worker = "ann", leaseMs = 600_000): Promise<Worker> {
    const granted = await models.projections.acquire({ projection: NAME, generation, worker, leaseMs });
    if ("heldBy" in granted) throw new Error(`${granted.heldBy} has it`);
    return new Worker(models, generation, granted);
  }

  /** Moves a lane by one event. */
  async commit(done: Done = {}, lane = 0): Promise<void> {
    const expected = this.#lanes[lane] ?? null;
    const next = position((expected ?? -1) + 1);
    const { fence } = this.granted;
    const guard = { projection: NAME, generation: this.generation, fence, revision: this.revision };
    const moves = [{ lane, expected, position: next }];
    await this.#models.projections.commit({ ...guard, moves, handled: 1, entries: [], settled: [], ...done });
    this.#lanes[lane] = next;
  }

  put(accountId: string, balance: number, lane = 0): Promise<void> {
    return this.commit({ documents: { shape: accountViews, puts: [{ accountId, balance }], deletes: [] } }, lane);
  }
}
