import Database from "better-sqlite3";
import { APPLICATION_ID, MIGRATIONS } from "../src/migrations/migrate.ts";
import { events } from "../src/migrations/0001-events.ts";

/** Makes a file as the first schema was: 4 events in two streams. */
export function makeFirstSchema(path: string): void {
  makeOldSchema(path, 1);
}

/** The versions of the schemas before the newest. */
export const OLD_SCHEMAS: readonly number[] = MIGRATIONS.slice(1).map((_, index) => index + 1);

/** Makes a file as an earlier schema was: 4 events in two streams. */
export function makeOldSchema(path: string, schemaVersion: number): void {
  const database = new Database(path);
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma("journal_mode = WAL");
  database.exec(events);
  database.exec("INSERT INTO log (one, epoch) VALUES (1, '00000000-0000-7000-8000-000000000000')");
  database.exec("INSERT INTO streams (id, name, category, version) VALUES (1, 'account-1', 'account', 2), (2, 'account-2', 'account', 0)");
  const insert = database.prepare(
    "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data) " +
      "VALUES (?, ?, ?, 'AmountDeposited', 'account', 1, 1700000000000, ?, NULL, '{}', '{}')",
  );
  [
    [1, 0],
    [2, 0],
    [1, 1],
    [1, 2],
  ].forEach(([stream, version], position) => insert.run(position, stream, version, Buffer.alloc(16, position + 1)));
  for (const migration of MIGRATIONS.slice(1, schemaVersion)) database.exec(migration);
  database.pragma(`user_version = ${schemaVersion}`);
  database.close();
}
