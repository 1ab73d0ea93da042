import type { Position } from "@reactive-domain/core";
import { CopyUnderWay, type CopyProgress, type TransferStatus } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";
import type { Task } from "./group-commit.ts";
import { LOG_HEAD } from "./log-head.ts";

type StatusRow = [log: string, head: Position | null, copy: string | null, isEmpty: 0 | 1];

const KEPT = ["events", "streams", "snapshots", "checkpoints", "leases", "consumer_groups"];

/** Whether a store is a copy, and how far it is; inside a transaction that its caller holds. */
export class CopyMark {
  /** What errors call the store. */
  readonly #file: string;
  readonly #status: Statement<[], StatusRow>;
  readonly #get: Statement<[], string | null>;
  readonly #put: Statement<[log: string, copy: string]>;
  readonly #remove: Statement<[]>;

  constructor(database: Database, file: string) {
    this.#file = file;
    const isEmpty = KEPT.map((table) => `NOT EXISTS (SELECT 1 FROM ${table})`).join(" AND ");
    this.#status = database
      .prepare<[], StatusRow>(`SELECT epoch, ${LOG_HEAD}, copy, head_position < 0 AND last_fence = 0 AND ${isEmpty} FROM log`)
      .raw();
    this.#get = database.prepare<[], string | null>("SELECT copy FROM log").pluck();
    this.#put = database.prepare("UPDATE log SET epoch = ?, copy = ?");
    this.#remove = database.prepare("UPDATE log SET copy = NULL");
  }

  status(): TransferStatus {
    const [log, head, copy, isEmpty] = this.#status.get() as StatusRow;
    return { log, head, isEmpty: isEmpty === 1, copy: copy === null ? null : (JSON.parse(copy) as CopyProgress) };
  }

  put(log: string, progress: CopyProgress): void {
    this.#put.run(log, JSON.stringify(progress));
  }

  /** A task that is no part of a copy: it is refused while one is under way, and ends one that is level. */
  guarding<T>(task: Task<T>): Task<T> {
    return {
      ...task,
      run: () => {
        const copy = this.#get.get() ?? null;
        if (copy === null) return task.run();
        if (!(JSON.parse(copy) as CopyProgress).isLevel) throw new CopyUnderWay(this.#file);
        const outcome = task.run();
        this.#remove.run();
        return outcome;
      },
    };
  }
}
