import { InvalidArgument } from "@reactive-domain/core";
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
import { MaintenanceCalls, maxJsonEventsOf } from "@reactive-domain/persistence/adapter";
import { isPath } from "../check-options.ts";
import { MIGRATIONS } from "../migrations/migrate.ts";
import { migrateFile } from "../open-database.ts";
import { sqliteFailure } from "../sqlite-failure.ts";
import { backUp } from "./back-up.ts";
import { asDamage, checkFile } from "./check-file.ts";
import { refuseOther, withFile, type StoreFile } from "./file-session.ts";
import { readStatus } from "./read-status.ts";
import { vacuum } from "./vacuum.ts";

/** Looks after one file. Every call has a connection of its own, so that nothing is held between them. */
export class SqliteMaintenance implements StoreMaintenance {
  readonly location: string;
  readonly #file: StoreFile;
  readonly #calls: MaintenanceCalls;

  constructor(file: StoreFile) {
    this.location = file.name;
    this.#file = file;
    this.#calls = new MaintenanceCalls(this.location, sqliteFailure);
  }

  status(options: StatusOptions = {}): Promise<StoreStatus> {
    return this.#calls.run(() =>
      withFile(this.#file, { readOnly: true, signal: options.signal }, (session) => readStatus(session, options)),
    );
  }

  migrate({ signal }: CallOptions = {}): Promise<MigrateResult> {
    return this.#calls.run(async () => {
      signal?.throwIfAborted();
      refuseOther(this.#file);
      const { name, ...file } = this.#file;
      return { from: await migrateFile({ ...file, file: name, readOnly: false, mustExist: true }), to: MIGRATIONS.length };
    });
  }

  migrationSql(): Promise<string> {
    const reason = "it brings its file up by itself, when a store is opened for writing or by migrate, and with more than SQL";
    return this.#calls.run(async () => Promise.reject(new NotSupported(this.location, "migrationSql", reason)));
  }

  check(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#calls.run(async () => {
      const maxJsonEvents = maxJsonEventsOf(options);
      try {
        return await withFile(this.#file, { readOnly: true, signal: options.signal }, (session) => checkFile(session, maxJsonEvents));
      } catch (error) {
        const damage = asDamage(error);
        if (damage === undefined) throw error;
        return damage;
      }
    });
  }

  backup(target: string, options: BackupOptions = {}): Promise<BackupResult> {
    return this.#calls.run(async () => {
      if (!isPath(target)) throw new InvalidArgument("target", "the path of a file, without blanks at its end", target);
      return withFile(this.#file, { readOnly: true, signal: options.signal }, (session) => backUp(session, target, options));
    });
  }

  vacuum({ signal }: CallOptions = {}): Promise<VacuumResult> {
    return this.#calls.run(() => withFile(this.#file, { readOnly: false, signal }, vacuum));
  }

  close(): Promise<void> {
    return this.#calls.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
