import { openPostgresStore, type PostgresStoreOptions } from "@reactive-domain/postgres";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { expectError, SECRET } from "./expect-error.ts";

const WHERE = "postgres://postgres@127.0.0.1:1/nowhere";

test.each([
  ["schema", { schema: "" }],
  ["schema", { schema: "9lives" }],
  ["schema", { schema: 'a"; DROP TABLE events; --' }],
  ["schema", { schema: "a".repeat(64) }],
  ["tablePrefix", { tablePrefix: "a-b" }],
  ["tablePrefix", { tablePrefix: "a".repeat(32) }],
  ["maxConnections", { maxConnections: 2 }],
  ["maxConnections", { maxConnections: 1, listen: false }],
  ["maxConnections", { maxConnections: 2.5 }],
  ["pollIntervalMs", { pollIntervalMs: 0 }],
  ["pollIntervalMs", { pollIntervalMs: Number.NaN }],
  ["retryForMs", { retryForMs: -1 }],
  ["answerTimeoutMs", { answerTimeoutMs: 0 }],
  ["listen", { listen: "yes" }],
  ["prepare", { prepare: null }],
  ["autoMigrate", { autoMigrate: 1 }],
  ["options", null],
])("%s is refused before anything is connected: %j", async (argument, options) => {
  const opening = openPostgresStore(WHERE, options as unknown as PostgresStoreOptions);
  await expect(opening).rejects.toMatchObject({ code: "invalid-argument", retryable: false, details: { argument } });
});

test.each([
  `mysql://bank:${SECRET}@localhost/bank`,
  `postgress://bank:${encodeURIComponent(SECRET)}@localhost/bank`,
  `postgres://bank:${SECRET}@localhost:99999/bank`,
  `postgres://bank:${encodeURIComponent(SECRET)}@localhost:port/bank`,
  `postgres://bank@localhost:port/bank?password=${SECRET}`,
  `host=localhost user=bank password=${SECRET}`,
])("a URL that cannot be one is refused, and does not show its password: %#", async (where) => {
  await expectError(openPostgresStore(where, { retryForMs: 0 }), {
    code: "invalid-argument",
    retryable: false,
    sentence: /^where must be a URL like/,
  });
});

test.each([
  [2, {}],
  [1, { listen: false }],
])("a pool of %i connections is too small for a store with %j", async (max, options) => {
  const pool = new pg.Pool({ connectionString: WHERE, max });
  onTestFinished(() => pool.end());
  const opening = openPostgresStore(pool, options);
  await expect(opening).rejects.toMatchObject({ code: "invalid-argument", details: { argument: "where" } });
  await expect(opening).rejects.toThrow(/a pool of at least \d connections/);
  expect(pool.totalCount).toBe(0);
});

test.each([null, undefined, 5, {}, "", "bank"])("%j is no place for a store", async (where) => {
  await expect(openPostgresStore(where as string)).rejects.toMatchObject({
    code: "invalid-argument",
    details: { argument: "where" },
  });
});
