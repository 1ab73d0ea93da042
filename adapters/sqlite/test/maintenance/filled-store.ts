import { openSqliteStore } from "@reactive-domain/sqlite";
import { fillStore } from "@reactive-domain/store-tests";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";

/** A closed store with something of everything. */
export async function filledStore(): Promise<string> {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await fillStore(store);
  return path;
}

/** Fills a store by plain SQL, which is fast: `count` events of about `bytes` each in stream `large-1`. */
export async function largeStore(count: number, bytes: number): Promise<string> {
  const path = temporaryFile();
  await (await openSqliteStore(path)).close();
  withDatabase(path, (database) => {
    database.pragma("synchronous = OFF");
    database.prepare("INSERT INTO streams (name, category, known_version) VALUES ('large-1', 'large', ?)").run(count - 1);
    database
      .prepare(
        "WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1) " +
          "INSERT INTO events (position, stream_id, version, type, category, schema_version, time, id, content_type, metadata, data) " +
          "SELECT i, 1, i, 'Grown', 'large', 1, 1700000000000, randomblob(16), 'application/octet-stream', '{}', randomblob(?) FROM n",
      )
      .run(count, bytes);
  });
  return path;
}
