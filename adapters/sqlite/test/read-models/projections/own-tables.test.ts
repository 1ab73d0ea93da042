import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { withDatabase } from "../../with-database.ts";
import { add, balances, create, NAME, openFile, TableWorker, type OpenFile } from "./balance-tables.ts";

const swap = (generation: number) => ({ kind: "swap", generation, notBehind: false }) as const;

function rows(path: string, sql = "SELECT account, cents FROM balances ORDER BY account"): readonly unknown[] {
  return withDatabase(path, (database) => database.prepare(sql).raw().all());
}

function namesIn(path: string): readonly unknown[] {
  const sql =
    "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'projection%' AND name <> 'read_models' ORDER BY 1";
  return rows(path, sql).flat();
}

async function withTwoGenerations(): Promise<OpenFile & { readonly live: TableWorker; readonly next: TableWorker }> {
  const file = await openFile();
  await file.projections.define(balances());
  const live = await TableWorker.of(file.projections);
  await live.work(add("a", 1), 4);
  await file.projections.build(balances(2));
  const next = await TableWorker.of(file.projections, 2);
  await next.work(add("a", 2), 4);
  return { ...file, live, next };
}

test("the live generation's tables have their plain names, and others a suffix; indexes as well", async () => {
  const { path, projections } = await withTwoGenerations();
  expect(namesIn(path)).toEqual(["balances", "balances__g2", "lines", "lines__g2", "lines_by_account", "lines_by_account__g2"]);
  expect([rows(path), rows(path, "SELECT * FROM balances__g2")]).toEqual([[["a", 1]], [["a", 2]]]);
  await projections.change(NAME, swap(2));
  expect([rows(path), rows(path, "SELECT * FROM balances__g1")]).toEqual([[["a", 2]], [["a", 1]]]);
  await projections.change(NAME, swap(1));
  expect([rows(path), rows(path, "SELECT * FROM balances__g2")]).toEqual([[["a", 1]], [["a", 2]]]);
  await projections.change(NAME, swap(2));
  await projections.build(balances(3));
  await projections.change(NAME, swap(3));
  expect(namesIn(path)).toEqual(["balances", "balances__g2", "lines", "lines__g2", "lines_by_account__g2", "lines_by_account__g3"]);
  await projections.change(NAME, { kind: "drop", generation: 2 });
  expect(namesIn(path)).toEqual(["balances", "lines", "lines_by_account__g3"]);
  await projections.remove(NAME);
  expect(namesIn(path)).toEqual([]);
  await projections.define(balances());
});

test("workers go on by the names of their generation after a swap, and references and counters go with their tables", async () => {
  const { path, projections, live, next } = await withTwoGenerations();
  await next.work((connection, table) => connection.exec(`INSERT INTO ${table("lines")} (account) VALUES ('a')`));
  await projections.change(NAME, swap(2));
  for (const worker of [live, next]) worker.revision = 2;
  await next.work(add("a", 10), 5);
  await live.work(add("a", 20), 5);
  await next.work((connection, table) => connection.exec(`INSERT INTO ${table("lines")} (account) VALUES ('a')`));
  expect([rows(path), rows(path, "SELECT * FROM balances__g1")]).toEqual([[["a", 12]], [["a", 21]]]);
  expect(rows(path, "SELECT no FROM lines")).toEqual([[1], [2]]);
  const orphan = next.work((connection, table) => connection.exec(`INSERT INTO ${table("lines")} (account) VALUES ('none')`), 6);
  await expect(orphan).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" });
});

test("statements that others prepared see the new rows after a swap, and views those of the names that they were made with", async () => {
  const { path, projections } = await withTwoGenerations();
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec("CREATE VIEW rich AS SELECT account FROM balances WHERE cents > 1; CREATE VIEW broken AS SELECT * FROM gone");
  other.exec("CREATE TRIGGER no_rich INSTEAD OF DELETE ON rich BEGIN DELETE FROM balances WHERE account = old.account; END");
  const all = other.prepare("SELECT * FROM balances").raw();
  const rich = other.prepare("SELECT * FROM rich").raw();
  expect([all.all(), rich.all()]).toEqual([[["a", 1]], []]);
  await projections.change(NAME, swap(2));
  expect([all.all(), rich.all()]).toEqual([[["a", 2]], [["a"]]]);
  other.exec("DELETE FROM rich");
  expect(all.all()).toEqual([]);
  await projections.change(NAME, swap(1));
  expect([all.all(), rich.all()]).toEqual([[["a", 1]], []]);
});

test("reset, the live tables are empty and others are not", async () => {
  const { path, projections } = await withTwoGenerations();
  await projections.change(NAME, { kind: "reset" });
  expect([rows(path), rows(path, "SELECT * FROM balances__g2")]).toEqual([[], [["a", 2]]]);
});

test("tables whose rows refer to each other at once are emptied, dropped and removed in any order", async () => {
  const { path, projections } = await openFile();
  const linked = (version: number, tables: readonly string[]) =>
    balances(version, {
      tables,
      create: (connection, table) =>
        connection.exec(
          `CREATE TABLE ${table("balances")} (account TEXT PRIMARY KEY, above REFERENCES ${table("balances")} (account));
           CREATE TABLE ${table("lines")} (account TEXT NOT NULL REFERENCES ${table("balances")} (account));
           INSERT INTO ${table("balances")} VALUES ('a', NULL), ('b', 'a');
           INSERT INTO ${table("lines")} VALUES ('a'), ('b')`,
        ),
    });
  await projections.define(linked(1, ["balances", "lines"]));
  await projections.build(linked(2, ["lines", "balances"]));
  await projections.change(NAME, swap(2));
  await projections.change(NAME, { kind: "reset" });
  expect(rows(path, "SELECT (SELECT count(*) FROM balances), (SELECT count(*) FROM lines__g1)")).toEqual([[0, 2]]);
  await projections.change(NAME, swap(1));
  await projections.change(NAME, { kind: "reset" });
  await projections.change(NAME, { kind: "drop", generation: 2 });
  await projections.build(linked(3, ["balances", "lines"]));
  const worker = await TableWorker.of(projections, 1);
  await expect(worker.work((connection) => connection.exec("INSERT INTO lines VALUES ('none')"))).rejects.toMatchObject({
    code: "SQLITE_CONSTRAINT_FOREIGNKEY",
  });
  await projections.remove(NAME);
  expect(namesIn(path)).toEqual([]);
});

test.each([
  ["makes too few", { create: (connection: Database.Database) => connection.exec("CREATE TABLE balances (a)") }, /makes the table lines/],
  ["makes too many", { tables: ["balances"] }, /makes the tables balances, and no others, but is "lines"/],
  [
    "makes views",
    {
      create: (connection: Database.Database, table: (name: string) => string) => [
        create(connection, table),
        connection.exec("CREATE VIEW v AS SELECT 1"),
      ],
    },
    /no others/,
  ],
  [
    "is asynchronous",
    { create: async (connection: Database.Database, table: (name: string) => string) => void create(connection, table) },
    /synchronous/,
  ],
  [
    "commits",
    { create: (connection: Database.Database, table: (name: string) => string) => [create(connection, table), connection.exec("COMMIT")] },
    /FOREIGN KEY/,
  ],
  ["rolls back", { create: (connection: Database.Database) => connection.exec("ROLLBACK") }, /within the transaction/],
])("a create that %s is refused, and nothing is made", async (_, more, message) => {
  const { path, projections } = await openFile();
  await expect(projections.define(balances(1, more))).rejects.toThrow(message);
  expect(await projections.list()).toEqual([]);
  expect(namesIn(path)).toEqual([]);
  await projections.define(balances());
});

test("what a create throws is thrown as it is, and nothing is made", async () => {
  const { path, projections } = await openFile();
  const problem = new Error("No table today");
  const failing = balances(1, {
    create: (connection, table) => {
      create(connection, table);
      throw problem;
    },
  });
  await expect(projections.define(failing)).rejects.toBe(problem);
  expect(namesIn(path)).toEqual([]);
  await projections.define(balances());
  await expect(projections.build({ ...failing, version: 2 })).rejects.toBe(problem);
  expect((await projections.build(balances(2))).generations.at(-1)).toMatchObject({ generation: 2, version: 2 });
});

test.each(["projections", "read_models", "account_views_v1", "somebodys", "balances"])(
  "the name %s is not taken from who has it",
  async (table) => {
    const { path, models, projections } = await openFile();
    const { defineReadModels } = await import("@reactive-domain/persistence");
    const { defineListing } = await import("@reactive-domain/messaging");
    await models.repository(defineReadModels("account-views", { listing: defineListing({ key: "id", fields: { id: "string" } }) }));
    withDatabase(path, (database) => database.exec("CREATE TABLE somebodys (a)"));
    await projections.define(balances());
    const other = {
      ...balances(1, { tables: [table], create: (connection) => connection.exec(`CREATE TABLE IF NOT EXISTS ${table} (a)`) }),
      name: "other",
    };
    await expect(projections.define(other)).rejects.toMatchObject({ code: "foreign-store" });
    expect(await projections.find("other")).toBeUndefined();
  },
);

test("a name that was taken while a generation was built is not taken back, and all stays as it was", async () => {
  const { path, projections } = await openFile();
  await projections.define(
    balances(1, { tables: ["balances"], create: (connection, table) => connection.exec(`CREATE TABLE ${table("balances")} (a)`) }),
  );
  await projections.build(balances(2));
  withDatabase(path, (database) => database.exec("CREATE TABLE lines (a)"));
  const before = await projections.find(NAME);
  await expect(projections.change(NAME, swap(2))).rejects.toMatchObject({ code: "foreign-store" });
  expect(await projections.find(NAME)).toEqual(before);
  expect(namesIn(path)).toEqual(["balances", "balances__g2", "lines", "lines__g2", "lines_by_account__g2"]);
});

test("other tables of a version are told apart from those that are kept", async () => {
  const { projections } = await openFile();
  await projections.define(balances());
  await expect(projections.define(balances(1, { tables: ["balances"] }))).rejects.toMatchObject({ code: "read-model-redefined" });
  expect(await projections.define(balances(1, { tables: ["lines", "balances"] }))).toMatchObject({ name: NAME });
});

test("rows are compared over all columns, as often as they are there, and told", async () => {
  const { projections } = await openFile();
  const loose = (version: number, columns: string) =>
    balances(version, {
      tables: ["balances"],
      create: (connection, table) => connection.exec(`CREATE TABLE ${table("balances")} (${columns})`),
    });
  const fill = (values: string) => (connection: Database.Database, table: (name: string) => string) =>
    connection.exec(`INSERT INTO ${table("balances")} VALUES ${values}`);
  await projections.define(loose(1, "a TEXT COLLATE NOCASE, b, c"));
  await (
    await TableWorker.of(projections)
  ).work(fill("('x', 1, NULL), ('x', 1, NULL), ('x', 1, NULL), ('y', NULL, x'0aff'), ('z', '1', 2)"));
  await projections.build(loose(2, "c, b, a TEXT"));
  await (await TableWorker.of(projections, 2)).work(fill("(NULL, 1, 'x'), (x'0aff', NULL, 'y'), (2, 1, 'z'), (NULL, 1, 'X')"));
  const { tables } = await projections.compare(NAME, { one: 1, other: 2 });
  expect(tables).toEqual([
    {
      table: "balances",
      rows: [5, 4],
      onlyOne: { count: 3, samples: ['{"a":"x","b":1,"c":null}', '{"a":"x","b":1,"c":null}', '{"a":"z","b":"1","c":2}'] },
      onlyOther: { count: 2, samples: ['{"a":"X","b":1,"c":null}', '{"a":"z","b":1,"c":2}'] },
    },
  ]);
});

test("a table that one generation lacks is compared as an empty one, and a column as one without values", async () => {
  const { projections } = await openFile();
  await projections.define(balances());
  await (await TableWorker.of(projections)).work(add("a", 1));
  const create2 = (connection: Database.Database, table: (name: string) => string) =>
    connection.exec(`CREATE TABLE ${table("totals")} (cents); INSERT INTO ${table("totals")} VALUES (1)`);
  await projections.build(balances(2, { tables: ["totals"], create: create2 }));
  const { tables } = await projections.compare(NAME, { one: 1, other: 2, samples: 0 });
  expect(tables.map(({ table, rows: counts, onlyOne, onlyOther }) => [table, counts, onlyOne.count, onlyOther.count])).toEqual([
    ["balances", [1, 0], 1, 0],
    ["lines", [0, 0], 0, 0],
    ["totals", [0, 1], 0, 1],
  ]);
});

test("a full-text table may be a projection's, and is swapped with what it needs", async () => {
  const { path, projections } = await openFile();
  const search = (version: number) =>
    balances(version, {
      tables: ["search"],
      create: (connection, table) => connection.exec(`CREATE VIRTUAL TABLE ${table("search")} USING fts5(text)`),
    });
  await projections.define(search(1));
  await projections.build(search(2));
  await (
    await TableWorker.of(projections, 2)
  ).work((connection, table) => connection.exec(`INSERT INTO ${table("search")} VALUES ('red apple')`));
  await projections.change(NAME, swap(2));
  expect(rows(path, "SELECT text FROM search WHERE search MATCH 'apple'")).toEqual([["red apple"]]);
  await projections.change(NAME, { kind: "reset" });
  expect(rows(path, "SELECT text FROM search WHERE search MATCH 'apple'")).toEqual([]);
  await projections.remove(NAME);
  expect(namesIn(path)).toEqual([]);
});

test("documents are not asked of tables, nor put into them", async () => {
  const { projections } = await openFile();
  await projections.define(balances());
  const { defineReadModels } = await import("@reactive-domain/persistence");
  const { defineListing } = await import("@reactive-domain/messaging");
  const shape = defineReadModels("account-views", { listing: defineListing({ key: "id", fields: { id: "string" } }) });
  const asked = projections.documents({ projection: NAME, generation: 1 }, { shape, keys: ["a"] });
  await expect(asked).rejects.toMatchObject({ code: "invalid-argument" });
  const amended = projections.amend({
    projection: NAME,
    lanes: [null],
    documents: { shape, puts: [{ id: "a" }], deletes: [] },
    settled: [],
  });
  await expect(amended).rejects.toMatchObject({ code: "invalid-argument" });
});

test("a file from before there were projections is brought up, with what it has", async () => {
  const { path, models } = await openFile();
  const { defineReadModels } = await import("@reactive-domain/persistence");
  const { defineListing } = await import("@reactive-domain/messaging");
  const views = defineReadModels("account-views", { listing: defineListing({ key: "id", fields: { id: "string" } }) });
  const { version } = await (await models.repository(views)).put({ id: "a" });
  await models.close();
  withDatabase(path, (database) => {
    const old = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'projection%'").pluck().all();
    for (const name of old) database.exec(`DROP TABLE "${String(name)}"`);
    database.exec("ALTER TABLE read_models DROP COLUMN projection; PRAGMA user_version = 1");
    database.pragma("wal_checkpoint(TRUNCATE)");
  });
  expect(readFileSync(path).readUInt32BE(60)).toBe(1);
  const { models: again, projections } = await openFile(path);
  expect(await (await again.repository(views)).get("a")).toEqual({ item: { id: "a" }, version });
  await projections.define(balances());
  expect(rows(path, "PRAGMA user_version")).toEqual([[2]]);
});
