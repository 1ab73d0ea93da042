import { AlreadyClosed, InvalidArgument } from "@reactive-domain/core";
import {
  NotSupported,
  type BackupOptions,
  type BackupResult,
  type CallOptions,
  type CheckOptions,
  type CheckResult,
  type MigrateResult,
  type StatusOptions,
  type StoreMaintenance,
  type StoreStatus,
  type VacuumResult,
} from "@reactive-domain/persistence";
import { isPath } from "../check-options.ts";
import { MIGRATIONS } from "../migrations/migrate.ts";
import { migrateFile } from "../open-database.ts";
import { sqliteFailure } from "../sqlite-failure.ts";
import { backUp } from "./back-up.ts";
import { asDamage, checkFile, checkMaxJsonEvents } from "./check-file.ts";
import { refuseOther, withFile, type StoreFile } from "./file-session.ts";
import { readStatus } from "./read-status.ts";
import { vacuum } from "./vacuum.ts";

const DEFAULT_MAX_JSON_EVENTS = 100_000;

/** Looks after one file. Every call has a connection of its own, so that nothing is held between them. */
export class SqliteMaintenance implements StoreMaintenance {
  readonly location: string;
  readonly #file: StoreFile;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(file: StoreFile) {
    this.location = file.name;
    this.#file = file;
  }

  status(options: StatusOptions = {}): Promise<StoreStatus> {
    return this.#run(() => withFile(this.#file, { readOnly: true, signal: options.signal }, (session) => readStatus(session, options)));
  }

  migrate({ signal }: CallOptions = {}): Promise<MigrateResult> {
    return this.#run(async () => {
      signal?.throwIfAborted();
      refuseOther(this.#file);
      const { name, ...file } = this.#file;
      return { from: await migrateFile({ ...file, file: name, readOnly: false, mustExist: true }), to: MIGRATIONS.length };
    });
  }

  migrationSql(): Promise<string> {
    const reason = "it brings its file up by itself, when a store is opened for writing or by migrate, and with more than SQL";
    return this.#run(async () => Promise.reject(new NotSupported(this.location, "migrationSql", reason)));
  }

  check({ signal, maxJsonEvents = DEFAULT_MAX_JSON_EVENTS }: CheckOptions = {}): Promise<CheckResult> {
    return this.#run(async () => {
      checkMaxJsonEvents(maxJsonEvents);
      try {
        return await withFile(this.#file, { readOnly: true, signal }, (session) => checkFile(session, maxJsonEvents));
      } catch (error) {
        const damage = asDamage(error);
        if (damage === undefined) throw error;
        return damage;
      }
    });
  }

  backup(target: string, options: BackupOptions = {}): Promise<BackupResult> {
    return this.#run(async () => {
      if (!isPath(target)) throw new InvalidArgument("target", "the path of a file, without blanks at its end", target);
      return withFile(this.#file, { readOnly: true, signal: options.signal }, (session) => backUp(session, target, options));
    });
  }

  vacuum({ signal }: CallOptions = {}): Promise<VacuumResult> {
    return this.#run(() => withFile(this.#file, { readOnly: false, signal }, vacuum));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new AlreadyClosed(this.location);
    const running = work();
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw sqliteFailure(error, this.location);
    } finally {
      this.#underWay.delete(running);
    }
  }
}
