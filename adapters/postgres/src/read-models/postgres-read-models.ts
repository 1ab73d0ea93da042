import { ReactiveDomainError } from "@reactive-domain/core";
import type { ReadModelDriver, ReadModelShape, ReadModelTable } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import type { Database } from "../database.ts";
import { inTransaction, ONE_MOMENT } from "../in-transaction.ts";
import { postgresFailure } from "../postgres-failure.ts";
import { ItemStatements } from "./item-statements.ts";
import { dropTable, makeTable, type TableMaking } from "./make-table.ts";
import { PostgresProjections } from "./projections/postgres-projections.ts";
import { TableNames, type ReadModelPlace } from "./table-names.ts";

interface PostgresReadModelsOptions extends ReadModelPlace {
  readonly database: Database;
  readonly durability: string;
  readonly answerTimeoutMs: number;
}

/** Read models in tables of a schema. A change is one statement, which commits by itself. */
export class PostgresReadModels implements ReadModelDriver<PoolClient> {
  readonly name: string;
  readonly durability: string;
  readonly projections: PostgresProjections;
  readonly #database: Database;
  readonly #place: ReadModelPlace;

  constructor({ database, durability, schema, tablePrefix, answerTimeoutMs }: PostgresReadModelsOptions) {
    this.name = database.name;
    this.durability = durability;
    this.#database = database;
    this.#place = { schema, tablePrefix };
    this.projections = new PostgresProjections(database, this.#place, answerTimeoutMs);
  }

  async table(shape: ReadModelShape): Promise<ReadModelTable> {
    const database = this.#database;
    await database.trying((client) => makeTable(this.#making(client), shape));
    const items = new ItemStatements(database, new TableNames(this.#place, shape), shape);
    return {
      get: (key) => database.trying((client) => items.get(client, key)),
      put: (row, expected) => this.#once((client) => items.put(client, row, expected)),
      delete: (key, expected) => this.#once((client) => items.delete(client, key, expected)),
      find: (plan) =>
        database.trying((client) =>
          plan.wantsTotal ? inTransaction(client, ONE_MOMENT, () => items.find(client, plan)) : items.find(client, plan),
        ),
    };
  }

  discard(name: string, schemaVersion: number): Promise<boolean> {
    const dropped = { name, schemaVersion };
    return this.#once((client) => dropTable(this.#making(client), dropped, () => this.projections.refuseUse(client, dropped)));
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #making(client: PoolClient): TableMaking {
    return { client, place: this.#place, where: this.name };
  }

  /** What may have been done when its connection is lost is not done again: that is for the caller to say. */
  async #once<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    try {
      return await this.#database.lend(work);
    } catch (error) {
      throw error instanceof ReactiveDomainError ? error : postgresFailure(error, this.name);
    }
  }
}
