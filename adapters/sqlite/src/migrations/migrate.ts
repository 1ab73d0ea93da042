import type { Ids } from "@reactive-domain/core";
import { ForeignStore } from "@reactive-domain/persistence";
import type { Database } from "better-sqlite3";
import { events } from "./0001-events.ts";
import { streamLife } from "./0002-stream-life.ts";
import { progress } from "./0003-progress.ts";
import { scavenge } from "./0004-scavenge.ts";
import { leases } from "./0005-leases.ts";
import { consumerGroups } from "./0006-consumer-groups.ts";
import { knownVersions } from "./0007-known-versions.ts";
import { transfer } from "./0008-transfer.ts";
import { HAS_LOST_VERSION, ImpossibleVersion } from "./schema-version.ts";

/** Written into the header of every store's file (`PRAGMA application_id`): "RDev" in ASCII. */
export const APPLICATION_ID = 0x52_44_65_76;

/** In their order; a file's `PRAGMA user_version` tells how many of them it has seen. Published ones never change. */
export const MIGRATIONS: readonly string[] = [events, streamLife, progress, scavenge, leases, consumerGroups, knownVersions, transfer];

/** Brings a store up to the newest schema, in one transaction, and tells which it had. Errors: `foreign-store` where a newer program made it; `store-unavailable` for a version that none has. */
export function migrate(database: Database, file: string, ids: Ids): number {
  return database
    .transaction(() => {
      const seen = schemaVersion(database, file);
      if (seen === MIGRATIONS.length) return seen;
      for (const migration of MIGRATIONS.slice(seen)) database.exec(migration);
      if (seen === 0) database.prepare("INSERT INTO log (one, epoch) VALUES (1, ?)").run(ids.next());
      database.pragma(`user_version = ${MIGRATIONS.length}`);
      return seen;
    })
    .immediate();
}

/** Checks that a store needs no migration, which a reader could not do, and tells its schema version. Errors: `foreign-store`; `store-unavailable` for a version that none has. */
export function refuseUnlessNewest(database: Database, file: string): number {
  const seen = schemaVersion(database, file);
  if (seen === MIGRATIONS.length) return seen;
  throw new ForeignStore(
    file,
    `has schema version ${seen}, and this program reads ${MIGRATIONS.length}`,
    "Open it once for writing, which brings it up.",
  );
}

function schemaVersion(database: Database, file: string): number {
  const seen = database.pragma("user_version", { simple: true }) as number;
  refuseUnknown(seen, file);
  if (seen === 0 && database.prepare(HAS_LOST_VERSION).pluck().get() === 1) throw new ImpossibleVersion(file, seen);
  return seen;
}

/** Errors: `foreign-store` for the schema of a newer program; `store-unavailable` for a version below 0. */
export function refuseUnknown(seen: number, file: string): void {
  if (seen < 0) throw new ImpossibleVersion(file, seen);
  if (seen <= MIGRATIONS.length) return;
  throw new ForeignStore(
    file,
    `has schema version ${seen}, and this program knows none above ${MIGRATIONS.length}`,
    "Use the newer version of @reactive-domain/sqlite that made it.",
  );
}
