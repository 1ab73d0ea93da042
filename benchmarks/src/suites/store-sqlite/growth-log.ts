import { openSqliteStore } from "@reactive-domain/sqlite";
import Database from "better-sqlite3";
import { STREAM_EVENTS } from "../grown-log.ts";
import { FACTS } from "../new-appends.ts";

const CHUNK_EVENTS = 500_000;
const BUILD_CACHE_KIB = 1024 * 1024;

/**
 * A store's file with so many events in streams of {@link STREAM_EVENTS}: as if all of them had grown together, an event each in turn, so that no two events of a
 * stream lie on one page. The rows are generated inside SQLite, through all its indexes, without waiting for the disk.
 */
export async function buildLog(file: string, events: number): Promise<void> {
  const store = await openSqliteStore(file);
  await store.close();
  const database = new Database(file);
  database.pragma("synchronous = OFF");
  database.pragma(`cache_size = -${BUILD_CACHE_KIB}`);
  const streams = events / STREAM_EVENTS;
  const numbers = "WITH RECURSIVE numbers(n) AS (SELECT CAST(@from AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < @to)";
  database
    .prepare(
      `${numbers} INSERT INTO streams (id, name, category, known_version) SELECT n + 1, printf('account-%07d', n), 'account', -1 FROM numbers`,
    )
    .run({ from: 0, to: streams });
  // Time-ordered ids: 48 bits that grow, then what looks like chance.
  const insert = database.prepare(
    `${numbers} INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data)
     SELECT n, n % ${streams} + 1, n / ${streams}, @type, 'account', 1, 1700000000000 + n, unhex(printf('%012x70008%03x%012x', 1700000000000 + n / 8, n % 4096, n * 7919)),
            NULL, @metadata, @data FROM numbers`,
  );
  for (let from = 0; from < events; from += CHUNK_EVENTS) {
    const { type, metadata, data } = FACTS;
    insert.run({ from, to: Math.min(from + CHUNK_EVENTS, events), type, metadata, data });
  }
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
}
