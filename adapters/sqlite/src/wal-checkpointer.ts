import type { Database, Statement } from "better-sqlite3";
import { SqlThread } from "./sql-thread.ts";

interface WalRow {
  /** Pages in the write-ahead log since it was begun. */
  readonly log: number;
  /** How many of them are in the file, too. */
  readonly checkpointed: number;
}

/** Moving pages is worth a flush of the file when the log holds so many commits: a page that several of them changed is moved once. */
const WORTH_MOVING_COMMITS = 16;
const MIN_WORTH_MOVING_PAGES = 1_000;
const MAX_WORTH_MOVING_PAGES = 4_000;
/** The log begins anew only when all of it is moved and nobody writes. When it is so many times as long, 16 to 64 MiB, writers wait for that. */
const LONG = 4;

/**
 * Moves the pages of the write-ahead log into the file in a thread of its own: SQLite would do it inside a commit, and hold up the event loop while it writes pages
 * that lie all over the file and waits for the disk. It begins when the log first becomes long enough. What is durable does not depend on it.
 */
export class WalCheckpointer {
  readonly #database: Database;
  readonly #look: Statement<[], WalRow>;
  #thread: SqlThread | undefined;
  #moving: Promise<void> | undefined;
  #log = 0;
  /** Below this length writers do not wait: it did not help at half of it. */
  #patience = 0;

  constructor(database: Database) {
    this.#database = database;
    database.pragma("wal_autocheckpoint = 0");
    this.#look = database.prepare<[], WalRow>("PRAGMA wal_checkpoint(NOOP)");
  }

  /** To be called after each commit; returns what the next one has to wait for, if anything. */
  afterCommit(): Promise<void> | undefined {
    const state = this.#state();
    if (state === undefined) return undefined;
    const { log, checkpointed } = state;
    const isAnew = log < this.#log;
    const worthMoving = worthMovingPages(isAnew ? log : log - this.#log);
    this.#log = log;
    if (isAnew) this.#patience = 0;
    if (log >= Math.max(LONG * worthMoving, this.#patience)) return this.#beginAnew();
    if (log - checkpointed >= worthMoving) this.#moving ??= this.#move();
    return undefined;
  }

  async close(): Promise<void> {
    await this.#moving;
    await this.#thread?.[Symbol.asyncDispose]();
  }

  /** Moves all pages while nobody writes. Where somebody reads for long, or another process writes, that does not help, and the log goes on to grow. */
  async #beginAnew(): Promise<void> {
    await this.#moving;
    await (this.#moving = this.#move());
    const state = this.#state();
    if (state !== undefined && state.checkpointed < state.log) this.#patience = 2 * state.log;
  }

  /** `undefined` where SQLite does not tell, as on a broken disk: what was committed stays so, and the next commit looks again. */
  #state(): WalRow | undefined {
    try {
      return this.#look.get();
    } catch {
      return undefined;
    }
  }

  /** Where it cannot be done SQLite does it inside commits, until it can. Nothing is lost by that: the pages are safe where they are. */
  async #move(): Promise<void> {
    try {
      this.#thread ??= new SqlThread({ path: this.#database.name, readOnly: false });
      await this.#thread.all("PRAGMA wal_checkpoint(PASSIVE)");
      this.#database.pragma("wal_autocheckpoint = 0");
    } catch {
      this.#database.pragma(`wal_autocheckpoint = ${MIN_WORTH_MOVING_PAGES}`);
    } finally {
      this.#moving = undefined;
    }
  }
}

function worthMovingPages(pagesOfCommit: number): number {
  return Math.min(MAX_WORTH_MOVING_PAGES, Math.max(MIN_WORTH_MOVING_PAGES, WORTH_MOVING_COMMITS * pagesOfCommit));
}
