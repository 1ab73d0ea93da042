import type { CopyProgress, StoreRecord, TransferPart, TransferStatus } from "@reactive-domain/persistence";
import { leftToTake, NOTHING_TAKEN, planTransfer, type TransferDriver } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Database, type TextRow } from "../database.ts";
import { DURABLY, inTransaction, ONE_MOMENT, READ_COMMITTED } from "../in-transaction.ts";
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
    const [row] = await database.ask(transferStatusQuery(names));
    return transferStatus(row as TextRow);
  }

  /** On a connection of its own, whose transaction shows one moment for as long as it is open. */
  async *records(): AsyncGenerator<readonly StoreRecord[], void, undefined> {
    const { database, names } = this.#options;
    const client = await borrowed(database);
    this.#reading.add(client);
    try {
      await run(client, ONE_MOMENT);
      yield* recordPages(client, names);
    } catch (error) {
      this.#letGo(client, true);
      throw postgresFailure(error, database.name);
    } finally {
      if (this.#reading.has(client)) await run(client, "ROLLBACK").catch(() => undefined);
      this.#letGo(client, false);
    }
  }

  async take(part: TransferPart): Promise<CopyProgress> {
    const { database, onChange } = this.#options;
    const progress = await database.trying((client) => this.#locked(client, () => this.#take(part, client)));
    onChange();
    return progress;
  }

  close(): void {
    for (const client of this.#reading) this.#letGo(client, true);
  }

  #letGo(client: PoolClient, isBroken: boolean): void {
    if (this.#reading.delete(client)) this.#options.database.giveBack(client, isBroken);
  }

  #locked<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    const lock = `SELECT pg_advisory_xact_lock(${this.#options.names.lockKey})`;
    return inTransaction(client, `${READ_COMMITTED}; ${DURABLY}; ${lock}`, work);
  }

  async #take(part: TransferPart, client: PoolClient): Promise<CopyProgress> {
    const { database, names } = this.#options;
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
