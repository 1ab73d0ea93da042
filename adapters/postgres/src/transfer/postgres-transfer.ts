import type { CopyProgress, StoreRecord, TransferPart, TransferStatus } from "@reactive-domain/persistence";
import { leftToTake, NOTHING_TAKEN, planTransfer, type TransferDriver } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Database, type TextRow } from "../database.ts";
import { postgresFailure } from "../postgres-failure.ts";
import type { Names } from "../schema/names.ts";
import { transferStatus, transferStatusQuery } from "./copy-mark.ts";
import { takeEvents } from "./event-taker.ts";
import { recordPages } from "./record-pages.ts";
import { takeRecords } from "./record-taker.ts";

export interface PostgresTransferOptions {
  readonly database: Database;
  readonly names: Names;
  /** Tells this store's own listeners. */
  readonly onChange: () => void;
}

/** Everything that a store holds, to be handed to another one and taken from it. */
export class PostgresTransfer implements TransferDriver {
  readonly #options: PostgresTransferOptions;
  /** What is being read. */
  readonly #reading = new Set<PoolClient>();

  constructor(options: PostgresTransferOptions) {
    this.#options = options;
  }

  async status(): Promise<TransferStatus> {
    const { database, names } = this.#options;
    const [row] = await database.query(transferStatusQuery(names));
    return transferStatus(row as TextRow);
  }

  /** On a connection of its own, whose transaction shows one moment for as long as it is open. */
  async *records(): AsyncGenerator<readonly StoreRecord[], void, undefined> {
    const { database, names } = this.#options;
    const client = await borrowed(database);
    this.#reading.add(client);
    try {
      await run(client, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      yield* recordPages(client, names);
    } catch (error) {
      throw postgresFailure(error, database.name);
    } finally {
      // What the transaction was about is over; its connection may be in the middle of something.
      if (this.#reading.delete(client)) client.release(true);
    }
  }

  async take(part: TransferPart): Promise<CopyProgress> {
    const { database, onChange } = this.#options;
    const progress = await database.trying((client) => inTransaction(client, () => this.#take(part, client)));
    onChange();
    return progress;
  }

  close(): void {
    for (const client of this.#reading) client.release(true);
    this.#reading.clear();
  }

  async #take(part: TransferPart, client: PoolClient): Promise<CopyProgress> {
    const { database, names } = this.#options;
    await run(client, `SELECT pg_advisory_xact_lock(${names.lockKey})`);
    const [row] = await run(client, transferStatusQuery(names));
    const status = transferStatus(row as TextRow);
    const progress = planTransfer(part, database.name, status);
    if (progress === undefined) return status.copy ?? NOTHING_TAKEN;
    const place = { client, names, store: database.name };
    if (part.kind === "events") await takeEvents(leftToTake(part, status), place);
    else await takeRecords(part.records, place);
    await run(client, `UPDATE ${names.of("log")} SET epoch = $1, copy = $2 WHERE one`, [part.log, JSON.stringify(progress)]);
    return progress;
  }
}

async function borrowed(database: Database): Promise<PoolClient> {
  try {
    return await database.borrow();
  } catch (error) {
    throw postgresFailure(error, database.name);
  }
}

async function inTransaction<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  await run(client, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
  try {
    const result = await work();
    await run(client, "COMMIT");
    return result;
  } catch (error) {
    await run(client, "ROLLBACK").catch(() => undefined);
    throw error;
  }
}
