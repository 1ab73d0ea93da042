import type { EventFilter, EventStore, ReadSource } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFile } from "./temporary-file.ts";
import { withDatabase } from "./with-database.ts";

const SOURCES: readonly ReadSource[] = [{ stream: "account-1" }, { category: "account" }, { eventType: "Deposited" }, { all: true }];
const FILTERS: readonly (EventFilter | undefined)[] = [
  undefined,
  { types: ["Deposited", "Opened"] },
  { categories: ["account"] },
  { streamPrefix: "account-" },
  { correlationId: "c-1" },
  { types: ["Deposited", "Opened"], categories: ["account"], streamPrefix: "account-", correlationId: "c-1" },
];

/** The cost of such a step grows with its table, or it gathers and sorts rows before it hands out the first. */
const COSTLY = /^SCAN|USE TEMP B-TREE/;
/** These have one row, as many rows as there are groups or tables, or are lists that the statement itself brings. */
const SMALL = /^SCAN (log|consumer_groups|g|json_each|pragma_user_version|sqlite_schema|CONSTANT ROW|\d+-ROW|\(subquery-\d+\))/;
/** These look at one end of an index or of the log, or whether there is a first row, and no further. */
const AT_ONE_END = /ORDER BY (id|position) DESC LIMIT 1$|NOT EXISTS \(SELECT 1 FROM events\)/;

test("no statement of the store scans a table that grows, nor sorts what it finds", async () => {
  const path = temporaryFile();
  const statements = await statementsOf(path);
  expect(statements.length).toBeGreaterThan(50);
  const costly = withDatabase(path, (database) =>
    statements
      .filter((sql) => !AT_ONE_END.test(sql))
      .flatMap((sql) => planOf(database, sql).flatMap((step) => (COSTLY.test(step) && !SMALL.test(step) ? [{ sql, step }] : []))),
  );
  expect(costly).toEqual([]);
});

/** All that a store prepares while it is opened, and read by pages and by groups of every shape. */
async function statementsOf(path: string): Promise<readonly string[]> {
  const prepared = new Set<string>();
  const { prepare } = Database.prototype;
  const spy = vi.spyOn(Database.prototype, "prepare").mockImplementation(function (this: Database.Database, sql: string) {
    prepared.add(sql);
    return prepare.call(this, sql);
  });
  onTestFinished(() => spy.mockRestore());
  await using store = await openSqliteStore(path);
  await store.append("account-1", [newEvent({ type: "Deposited" })], { expectedVersion: "noStream" });
  for (const source of SOURCES) for (const filter of FILTERS) await readBy(store, source, filter);
  return [...prepared].filter((sql) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(sql));
}

async function readBy(store: EventStore, source: ReadSource, filter: EventFilter | undefined): Promise<void> {
  const filtered = filter === undefined ? {} : { filter };
  for (const direction of ["forwards", "backwards"] as const) for await (const _ of store.read(source, { direction, ...filtered })) void _;
  const group = JSON.stringify([source, filter]);
  await store.groups.create(group, { source, ...filtered });
  await store.groups.claim(group, { consumer: "one", maxEvents: 1 });
}

function planOf(database: Database.Database, sql: string): readonly string[] {
  const steps = database.prepare<unknown[], { readonly detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  const parameters = [...sql.matchAll(/[?]/g)].map(() => 1);
  const named = Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, 1]));
  return (sql.includes("@") ? steps.all(named) : steps.all(...parameters)).map(({ detail }) => detail);
}
