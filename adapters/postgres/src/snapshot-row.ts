import type { Snapshot } from "@reactive-domain/persistence";
import { contentOf } from "./content.ts";
import type { TextRow } from "./database.ts";

/** The columns of a snapshot beside its name. */
export const SNAPSHOT_COLUMNS = ["version", "schema_version", "hash", "content_type", "data", "bytes", "time"] as const;

/** The snapshot of a name over its columns, `bytes` in base 64. */
export function snapshotOf(name: string, columns: TextRow): Snapshot {
  const [version, schemaVersion, hash, contentType, data, bytes, time] = columns;
  return {
    name,
    version: Number(version),
    schemaVersion: Number(schemaVersion),
    hash: hash ?? "",
    contentType: contentType ?? "",
    data: contentOf(data, bytes),
    time: new Date(Number(time)),
  };
}

/** What selects a snapshot's columns as {@link snapshotOf} takes them. `named` tells how a column is called where it is selected. */
export function selectedSnapshot(named: (column: string) => string = (column) => column): string {
  return SNAPSHOT_COLUMNS.map((column) => (column === "bytes" ? `encode(${named(column)}, 'base64')` : named(column))).join(", ");
}
