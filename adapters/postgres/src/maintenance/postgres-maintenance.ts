import { AlreadyClosed } from "@reactive-domain/core";
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
import { postgresFailure } from "../postgres-failure.ts";
import type { Layout } from "../schema/layout.ts";
import { layoutOf, migrate, migrationSql } from "../schema/migrate.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { checkMaxJsonEvents, checkStore } from "./check-store.ts";
import { withSession, withStore, type MaintainedStore } from "./maintenance-session.ts";
import { readStatus } from "./read-status.ts";
import { vacuum } from "./vacuum.ts";

const DEFAULT_MAX_JSON_EVENTS = 100_000;
const NO_BACKUP =
  "the server is backed up by its own tools: pg_dump copies a database as of one moment, " +
  "and pg_basebackup with an archive of the write-ahead log brings it back as of any moment";

/** What maintenance makes of no store. */
const ONE_TABLE: Layout = { partitionSize: undefined };

/** Looks after one store of a database. */
export class PostgresMaintenance implements StoreMaintenance {
  readonly location: string;
  readonly #store: MaintainedStore;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(store: MaintainedStore) {
    this.location = store.database.name;
    this.#store = store;
  }

  status(options: StatusOptions = {}): Promise<StoreStatus> {
    return this.#run(() => withStore(this.#store, options.signal, (session) => readStatus(session, options)));
  }

  migrate({ signal }: CallOptions = {}): Promise<MigrateResult> {
    const { ids } = this.#store.database.runtime;
    return this.#run(async () => {
      const from = await withSession(this.#store, signal, (place) => migrate(place, ONE_TABLE, ids));
      return { from, to: MIGRATIONS.length };
    });
  }

  migrationSql({ signal }: CallOptions = {}): Promise<string> {
    const { ids } = this.#store.database.runtime;
    return this.#run(() =>
      withSession(this.#store, signal, async (place) => {
        const seen = place.schemaVersion;
        if (seen === MIGRATIONS.length) return "";
        const layout = seen === 0 ? ONE_TABLE : await layoutOf(place);
        return `BEGIN;\n\n${migrationSql(place.names, { seen, epoch: ids.next(), ...layout })}\nCOMMIT;\n`;
      }),
    );
  }

  check({ signal, maxJsonEvents = DEFAULT_MAX_JSON_EVENTS }: CheckOptions = {}): Promise<CheckResult> {
    return this.#run(async () => {
      checkMaxJsonEvents(maxJsonEvents);
      return withStore(this.#store, signal, (session) => checkStore(session, maxJsonEvents));
    });
  }

  backup(): Promise<BackupResult> {
    return this.#run(async () => Promise.reject(new NotSupported(this.location, "backup", NO_BACKUP)));
  }

  vacuum({ signal }: CallOptions = {}): Promise<VacuumResult> {
    return this.#run(() => withStore(this.#store, signal, vacuum));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#store.database.close();
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new AlreadyClosed(this.location);
    const running = work();
    this.#underWay.add(running);
    try {
      return await running;
    } catch (error) {
      throw postgresFailure(error, this.location);
    } finally {
      this.#underWay.delete(running);
    }
  }
}
