import type { CopyProgress, StoreRecord, TransferPart, TransferStatus } from "@reactive-domain/persistence";
import { leftToTake, NOTHING_TAKEN, planTransfer, type MaybePromise, type TransferDriver } from "@reactive-domain/persistence/adapter";
import Database from "better-sqlite3";
import type { CopyMark } from "./copy-mark.ts";
import { EventTaker } from "./event-taker.ts";
import type { EventWriter } from "./event-writer.ts";
import type { Task } from "./group-commit.ts";
import { recordPages } from "./record-pages.ts";
import { RecordTaker } from "./record-taker.ts";
import { sqliteFailure } from "./sqlite-failure.ts";
import { whileBusy, type BusyWait } from "./while-busy.ts";

export interface SqliteTransferOptions {
  readonly database: Database.Database;
  /** What errors call the store. */
  readonly file: string;
  readonly mark: CopyMark;
  readonly events: EventWriter;
  readonly busyWait: BusyWait;
  readonly commit: <T>(task: Task<T>) => Promise<T>;
  readonly read: <T>(read: () => T) => MaybePromise<T>;
}

/** Everything that a store holds, to be handed to another one and taken from it. */
export class SqliteTransfer implements TransferDriver {
  readonly #options: SqliteTransferOptions;
  readonly #events: EventTaker;
  readonly #records: RecordTaker;
  /** How to let go of what is being read. */
  readonly #reading = new Set<() => void>();

  constructor(options: SqliteTransferOptions) {
    const { database, file } = options;
    this.#options = options;
    this.#events = new EventTaker(database, file);
    this.#records = new RecordTaker({ database, file, events: this.#events });
  }

  status(): MaybePromise<TransferStatus> {
    return this.#options.read(() => this.#options.mark.status());
  }

  /** On a connection of its own, whose transaction shows one moment for as long as it is open. */
  async *records(): AsyncGenerator<readonly StoreRecord[], void, undefined> {
    const { database, file, busyWait } = this.#options;
    try {
      const moment = await whileBusy(() => openMoment(database.name), busyWait);
      const pages = recordPages(moment);
      const letGo = (): void => {
        pages.return();
        moment.close();
      };
      this.#reading.add(letGo);
      try {
        yield* pages;
      } finally {
        this.#reading.delete(letGo);
        letGo();
      }
    } catch (error) {
      throw sqliteFailure(error, file);
    }
  }

  take(part: TransferPart): Promise<CopyProgress> {
    const events = part.kind === "events" ? part.events.length : part.records.length;
    return this.#options.commit({ events, run: () => this.#take(part), isNews: () => true });
  }

  close(): void {
    for (const letGo of this.#reading) letGo();
  }

  #take(part: TransferPart): CopyProgress {
    const { mark, file, events } = this.#options;
    const status = mark.status();
    const progress = planTransfer(part, file, status);
    if (progress === undefined) return status.copy ?? NOTHING_TAKEN;
    if (part.kind === "events") this.#events.take(leftToTake(part, status));
    else this.#records.take(part.records);
    mark.put(part.log, progress);
    // What is known of streams and of the end of the log is not so any more.
    events.forget();
    events.begin();
    return progress;
  }
}

function openMoment(path: string): Database.Database {
  const moment = new Database(path, { readonly: true, timeout: 0 });
  try {
    moment.exec("BEGIN");
    // The transaction begins with what it reads first.
    moment.prepare("SELECT one FROM log").get();
    return moment;
  } catch (error) {
    moment.close();
    throw error;
  }
}
