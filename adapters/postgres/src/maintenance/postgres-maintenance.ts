import {
  NotSupported,
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
import { postgresFailure } from "../postgres-failure.ts";
import type { Layout } from "../schema/layout.ts";
import { layoutOf, migrate, migrationSql } from "../schema/migrate.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { checkStore } from "./check-store.ts";
import { withSession, withStore, type MaintainedStore } from "./maintenance-session.ts";
import { readStatus } from "./read-status.ts";
import { vacuum } from "./vacuum.ts";

const NO_BACKUP =
  "the server is backed up by its own tools: pg_dump copies a database as of one moment, " +
  "and pg_basebackup with an archive of the write-ahead log brings it back as of any moment";

/** What maintenance makes of no store. */
const ONE_TABLE: Layout = { partitionSize: undefined };

/** Looks after one store of a database. */
export class PostgresMaintenance implements StoreMaintenance {
  readonly location: string;
  readonly #store: MaintainedStore;
  readonly #calls: MaintenanceCalls;

  constructor(store: MaintainedStore) {
    this.location = store.database.name;
    this.#store = store;
    this.#calls = new MaintenanceCalls(this.location, postgresFailure);
  }

  status(options: StatusOptions = {}): Promise<StoreStatus> {
    return this.#calls.run(() => withStore(this.#store, options.signal, (session) => readStatus(session, options)));
  }

  migrate({ signal }: CallOptions = {}): Promise<MigrateResult> {
    const { ids } = this.#store.database.runtime;
    return this.#calls.run(async () => {
      const from = await withSession(this.#store, signal, (place) => migrate(place, ONE_TABLE, ids));
      return { from, to: MIGRATIONS.length };
    });
  }

  migrationSql({ signal }: CallOptions = {}): Promise<string> {
    const { ids } = this.#store.database.runtime;
    return this.#calls.run(() =>
      withSession(this.#store, signal, async (place) => {
        const seen = place.schemaVersion;
        if (seen === MIGRATIONS.length) return "";
        const layout = seen === 0 ? ONE_TABLE : await layoutOf(place);
        return `BEGIN;\n\n${migrationSql(place.names, { seen, epoch: ids.next(), ...layout })}\nCOMMIT;\n`;
      }),
    );
  }

  check(options: CheckOptions = {}): Promise<CheckResult> {
    return this.#calls.run(async () => {
      const maxJsonEvents = maxJsonEventsOf(options);
      return withStore(this.#store, options.signal, (session) => checkStore(session, maxJsonEvents));
    });
  }

  backup(): Promise<BackupResult> {
    return this.#calls.run(async () => Promise.reject(new NotSupported(this.location, "backup", NO_BACKUP)));
  }

  vacuum({ signal }: CallOptions = {}): Promise<VacuumResult> {
    return this.#calls.run(() => withStore(this.#store, signal, vacuum));
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#store.database.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
