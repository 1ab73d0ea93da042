import {
  createProjections,
  defineListing,
  defineReadModels,
  type ConnectedContext,
  type Page,
  type Projections,
  type ReadModels,
  type Reporting,
  type RunOptions,
  type WorkerReport,
} from "@reactive-domain/foundation";
import type { AccountList, AccountRow } from "../domain/queries.ts";
import { accountRows, balanceTable } from "./balance-table.ts";

const RUN: RunOptions = {
  // What folds an event only computes: another attempt would fail as the first one did. A history that is not whole makes the bank's run fail.
  failures: { attempts: 1, finally: "stop" },
  // What stops it comes up where its answers are waited for, and in reports.
  onStopped: () => undefined,
  // So long another bank waits for one that was killed.
  leaseMs: 2_000,
  pollMs: 250,
};

/** Which log the table was made of. */
const tableOrigins = defineReadModels("table-origins", {
  listing: defineListing({ key: "table", fields: { table: "string", log: "string" } }),
});

/** Keeps the balance table, or stands by while another bank does, and lists accounts from it. */
export class BalanceKeeper implements Reporting, AsyncDisposable {
  readonly #bank: ConnectedContext;
  readonly #views: ReadModels;
  readonly #projections: Projections;

  constructor(bank: ConnectedContext, views: ReadModels) {
    this.#bank = bank;
    this.#views = views;
    this.#projections = createProjections(bank, views, [balanceTable], RUN);
  }

  /** Goes on with what is kept of the table, or stands by. Errors: those of the store, and of what keeps the table. */
  async start(): Promise<void> {
    await this.#beginAnewOnAnotherLog();
    await this.#projections.start();
  }

  /** The accounts that a query asks for, as far as the table is. */
  async list(query: AccountList): Promise<Page<AccountRow>> {
    const rows = await this.#views.repository(accountRows);
    return rows.query(query);
  }

  /** Resolves when the table has everything that is in the store now, whichever bank keeps it. Errors: what has stopped it. */
  async caughtUp(): Promise<void> {
    await this.#projections.of(balanceTable).caughtUp();
  }

  report(): Promise<readonly WorkerReport[]> {
    return this.#projections.report();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#projections.close();
  }

  /** The table outlives a store that is removed beside it: what it has of the other log is dropped then. */
  async #beginAnewOnAnotherLog(): Promise<void> {
    // What cannot name its log, like KurrentDB, has a table that is made anew by each bank.
    if (this.#bank.store.gaps.transfer !== undefined) return;
    const { log } = await this.#bank.store.transfer.status();
    const origins = await this.#views.repository(tableOrigins);
    const kept = await origins.get(balanceTable.name);
    if (kept?.item.log === log) return;
    if (kept !== undefined) await this.#projections.of(balanceTable).reset();
    await origins.put({ table: balanceTable.name, log });
  }
}
