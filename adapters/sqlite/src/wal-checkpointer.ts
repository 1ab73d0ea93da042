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
/** For how long the thread tries to hold writers off, and then waits for readers. */
const FULL_TIMEOUT_MS = 100;

type Mode = "PASSIVE" | "FULL";

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
    if (log - checkpointed >= worthMoving && this.#moving === undefined) void this.#startMoving("PASSIVE");
    return undefined;
  }

  async close(): Promise<void> {
    await this.#moving;
    await this.#endThread();
  }

  /** Moves all pages while nobody writes, in other processes either. Where somebody reads for long, that does not help, and the log goes on to grow. */
  async #beginAnew(): Promise<void> {
    await this.#moving;
    await this.#startMoving("PASSIVE");
    // Others have written meanwhile: they wait while the few pages of that are moved.
    if (this.#isBehind()) await this.#startMoving("FULL");
    if (this.#isBehind()) this.#patience = 2 * this.#log;
  }

  #isBehind(): boolean {
    const state = this.#state();
    if (state === undefined) return false;
    this.#log = state.log;
    return state.checkpointed < state.log;
  }

  /** `undefined` where it cannot be told just now: a look must never end the writing. */
  #state(): WalRow | undefined {
    try {
      const state = this.#look.get();
      return state === undefined || state.log < 0 ? undefined : state;
    } catch {
      return undefined;
    }
  }

  #startMoving(mode: Mode): Promise<void> {
    this.#moving = this.#move(mode).finally(() => (this.#moving = undefined));
    return this.#moving;
  }

  async #move(mode: Mode): Promise<void> {
    try {
      this.#thread ??= new SqlThread({ path: this.#database.name, readOnly: false });
      if (mode === "FULL") await this.#thread.all(`PRAGMA busy_timeout = ${FULL_TIMEOUT_MS}`);
      await this.#thread.all(`PRAGMA wal_checkpoint(${mode})`);
    } catch {
      await this.#endThread();
      this.#moveHere();
    }
  }

  /** Where no thread can be had, or it cannot open the file, the log is moved as SQLite itself would. */
  #moveHere(): void {
    try {
      this.#database.pragma("wal_checkpoint(PASSIVE)");
    } catch {
      // The pages are safe where they are, and are moved another time.
    }
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.[Symbol.asyncDispose]();
  }
}

function worthMovingPages(pagesOfCommit: number): number {
  return Math.min(MAX_WORTH_MOVING_PAGES, Math.max(MIN_WORTH_MOVING_PAGES, WORTH_MOVING_COMMITS * pagesOfCommit));
}
