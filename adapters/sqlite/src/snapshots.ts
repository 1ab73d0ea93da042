import type { Clock } from "@reactive-domain/core";
import type { NewSnapshot, Snapshot } from "@reactive-domain/persistence";
import type { Database, Statement } from "better-sqlite3";

interface SnapshotRow extends NewSnapshot {
  readonly timeMs: number;
}

/** The last snapshot of each name. */
export class Snapshots {
  readonly #clock: Clock;
  readonly #select: Statement<[name: string], SnapshotRow>;
  readonly #put: Statement<[SnapshotRow]>;
  readonly #delete: Statement<[name: string]>;

  constructor(database: Database, clock: Clock) {
    this.#clock = clock;
    this.#select = database.prepare(
      "SELECT name, version, schema_version AS schemaVersion, hash, content_type AS contentType, data, time AS timeMs FROM snapshots WHERE name = ?",
    );
    this.#put = database.prepare(
      "INSERT INTO snapshots (name, version, schema_version, hash, content_type, data, time) " +
        "VALUES (@name, @version, @schemaVersion, @hash, @contentType, @data, @timeMs) ON CONFLICT (name) DO UPDATE SET " +
        "version = excluded.version, schema_version = excluded.schema_version, hash = excluded.hash, content_type = excluded.content_type, " +
        "data = excluded.data, time = excluded.time " +
        "WHERE snapshots.schema_version <> excluded.schema_version OR snapshots.version <= excluded.version",
    );
    this.#delete = database.prepare("DELETE FROM snapshots WHERE name = ?");
  }

  get(name: string): Snapshot | undefined {
    const row = this.#select.get(name);
    if (row === undefined) return undefined;
    const { timeMs, ...snapshot } = row;
    return { ...snapshot, time: new Date(timeMs) };
  }

  /** One that is behind what is there, in the same schema version, is passed over. */
  put({ name, version, schemaVersion, hash, contentType, data }: NewSnapshot): void {
    this.#put.run({ name, version, schemaVersion, hash, contentType, data, timeMs: this.#clock.now() });
  }

  remove(name: string): void {
    this.#delete.run(name);
  }
}
