import type Database from "better-sqlite3";
import { expect, test } from "vitest";
import { withDatabase } from "../../with-database.ts";
import { add, balances, NAME, openFile, TableWorker, type OpenFile } from "./balance-tables.ts";

type Table = (name: string) => string;

type Work = (connection: Database.Database, table: Table) => unknown;

async function opened(): Promise<OpenFile & { readonly worker: TableWorker }> {
  const file = await openFile();
  await file.projections.define(balances());
  return { ...file, worker: await TableWorker.of(file.projections) };
}

function rows(path: string, sql = "SELECT account, cents FROM balances ORDER BY account"): readonly unknown[] {
  return withDatabase(path, (database) => database.prepare(sql).raw().all());
}

const after =
  (then: Work): Work =>
  (connection, table) => {
    add("b", 1)(connection, table);
    return then(connection, table);
  };
const swallowed = (work: () => unknown): void => {
  try {
    work();
  } catch {
    // As a handler might.
  }
};

test("rows and the place of the lane change together, whatever is done to write them", async () => {
  const { path, projections, worker } = await opened();
  await worker.work((connection, table) => {
    const insert = connection.prepare(`INSERT INTO ${table("balances")} (account, cents) VALUES (@account, @cents)`);
    connection.transaction((all: readonly object[]) => all.forEach((one) => insert.run(one)))([
      { account: "a", cents: 1 },
      { account: "b", cents: 2 },
    ]);
    swallowed(() => connection.transaction(() => insert.run({ account: "c", cents: -1 }))());
    connection.exec("SAVEPOINT mine; UPDATE balances SET cents = 9; ROLLBACK TO mine");
  }, 7);
  expect(rows(path)).toEqual([
    ["a", 1],
    ["b", 2],
  ]);
  expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [7], handled: 1 }]);
});

test("what it throws undoes all of the commit, is thrown as it is, and harms nobody beside it", async () => {
  const { path, projections, worker } = await opened();
  const problems = [new Error("Out of luck"), new RangeError("Too far"), new Error("Again")];
  const commits = problems.map((problem) =>
    worker.work(
      after(() => {
        throw problem;
      }),
      3,
    ),
  );
  const outcomes = await Promise.allSettled([worker.work(add("a", 1)), ...commits, worker.work(add("a", 1))]);
  expect(outcomes.slice(1, -1)).toEqual(problems.map((reason) => ({ status: "rejected", reason })));
  expect(rows(path)).toEqual([["a", 2]]);
  expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [null], handled: 2 }]);
});

test("a constraint that it breaks is told as SQLite does, at once or at the very end, and harms nobody beside it", async () => {
  const { path, projections, worker } = await opened();
  const orphan = after((connection, table) => connection.exec(`INSERT INTO ${table("lines")} (account) VALUES ('none')`));
  const outcomes = await Promise.allSettled([
    worker.work(add("a", 1)),
    worker.work(add("c", -1), 3),
    worker.work(orphan, 3),
    worker.work(add("a", 1)),
  ]);
  expect(outcomes).toMatchObject([
    { status: "fulfilled" },
    { reason: { code: "SQLITE_CONSTRAINT_CHECK" } },
    { reason: { code: "SQLITE_CONSTRAINT_FOREIGNKEY" } },
    { status: "fulfilled" },
  ]);
  expect(rows(path)).toEqual([["a", 2]]);
  expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [null], handled: 2 }]);
});

test("one that is asynchronous is refused and undone, be it by a promise or by what only looks like one", async () => {
  const { path, projections, worker } = await opened();
  // What begins to work when it is awaited, as the queries of some builders do.
  const lazy = {};
  Reflect.set(lazy, "then", () => expect.unreachable());
  const wrongs: readonly Work[] = [async () => undefined, async () => Promise.reject(new Error("later")), () => lazy];
  const commits = wrongs.map((work) => worker.work(after(work), 3));
  const outcomes = await Promise.allSettled([worker.work(add("a", 1)), ...commits]);
  expect(outcomes.slice(1)).toEqual(
    wrongs.map(() => ({ status: "rejected", reason: expect.objectContaining({ code: "invalid-argument" }) })),
  );
  expect(String((outcomes[1] as PromiseRejectedResult).reason)).toContain("must be synchronous");
  expect(rows(path)).toEqual([["a", 1]]);
  expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [null] }]);
});

test.each<readonly [string, Work, string]>([
  ["COMMIT", (connection) => connection.exec("COMMIT"), "SQLITE_CONSTRAINT_FOREIGNKEY"],
  ["COMMIT, and pays no heed to what is said", (connection) => swallowed(() => connection.exec("COMMIT")), ""],
  ["ROLLBACK", (connection) => connection.exec("ROLLBACK"), "invalid-argument"],
  ["ROLLBACK and another transaction", (connection) => connection.exec("ROLLBACK; BEGIN"), "invalid-argument"],
  ["ROLLBACK, and an error", (connection) => connection.exec("ROLLBACK; nonsense"), "SQLITE_ERROR"],
  ["RAISE(ROLLBACK)", (connection) => connection.exec("INSERT OR ROLLBACK INTO balances VALUES ('b', 1)"), "SQLITE_CONSTRAINT_PRIMARYKEY"],
])("one that ends the transaction by %s harms nobody beside it", async (_, work, code) => {
  const { path, projections, worker } = await opened();
  const outcomes = await Promise.allSettled([worker.work(add("a", 1)), worker.work(after(work)), worker.work(add("a", 1))]);
  const codes = outcomes.map((outcome) => (outcome.status === "fulfilled" ? "" : (outcome.reason as { readonly code: string }).code));
  expect(codes).toEqual(["", code, ""]);
  expect(rows(path, "SELECT cents FROM balances WHERE account = 'a'")).toEqual([[2]]);
  expect(rows(path, "SELECT count(*) FROM balances WHERE account = 'b'")).toEqual([[code === "" ? 1 : 0]]);
  expect((await projections.find(NAME))?.generations).toMatchObject([{ handled: code === "" ? 3 : 2 }]);
});

test("it runs behind the checks: what is fenced does not run", async () => {
  const { projections, worker } = await opened();
  await TableWorker.of(projections);
  const late = worker.work(() => expect.unreachable());
  await expect(late).rejects.toMatchObject({ code: "fenced" });
});

test("an amendment changes the live tables, and one that throws does not", async () => {
  const { path, projections, worker } = await opened();
  const amend = (work: Work): Promise<void> => projections.amend({ projection: NAME, lanes: [null], settled: [], work });
  await amend(add("a", 1));
  const problem = new Error("Out of luck");
  const failing = after(() => {
    throw problem;
  });
  await expect(amend(failing)).rejects.toBe(problem);
  await expect(amend(after(async () => undefined))).rejects.toMatchObject({ code: "invalid-argument" });
  expect(rows(path)).toEqual([["a", 1]]);
  expect((await projections.find(NAME))?.revision).toBe(2);
  await expect(worker.work(add("a", 1))).rejects.toMatchObject({ code: "projection-changed" });
});
