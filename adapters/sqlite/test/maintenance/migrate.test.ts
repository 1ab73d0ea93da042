import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { collect } from "@reactive-domain/store-tests";
import { expect, test, vi } from "vitest";
import { MIGRATIONS } from "../../src/migrations/migrate.ts";
import { makeOldSchema, OLD_SCHEMAS } from "../old-store.ts";
import { temporaryFile } from "../temporary-file.ts";
import { runChild } from "./run-child.ts";

vi.setConfig({ testTimeout: 60_000 });

test.each(OLD_SCHEMAS)("a file of schema %i is brought up, and a second time there is nothing to do", async (schemaVersion) => {
  const path = temporaryFile();
  makeOldSchema(path, schemaVersion);
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.migrate()).toEqual({ from: schemaVersion, to: MIGRATIONS.length });
  expect(await maintenance.migrate()).toEqual({ from: MIGRATIONS.length, to: MIGRATIONS.length });
  expect(await maintenance.check()).toMatchObject({ findings: [] });
  await using store = await openSqliteStore(path, { readOnly: true });
  expect(await collect(store, { all: true })).toHaveLength(4);
});

test("SQL for somebody else to run is not told, with the reason", async () => {
  const path = temporaryFile();
  makeOldSchema(path, 1);
  await using maintenance = await openSqliteMaintenance(path);
  await expect(maintenance.migrationSql()).rejects.toMatchObject({
    code: "not-supported",
    message: expect.stringContaining("does not support migrationSql: it brings its file up by itself"),
  });
  expect(await maintenance.status()).toMatchObject({ schema: { version: 1 } });
});

test("of several processes that migrate a file at the same time one does it, and all end well", async () => {
  const path = temporaryFile();
  makeOldSchema(path, 1);
  const children = [1, 2, 3].map(() => runChild(new URL("child-migrator.ts", import.meta.url), [path]));
  const ends = await Promise.all(children.map(({ ended }) => ended));
  const newest = MIGRATIONS.length;
  expect(ends.map(({ how }) => how)).toEqual([0, 0, 0]);
  expect(ends.map(({ output }) => output).toSorted()).toEqual([`1 ${newest}\n`, `${newest} ${newest}\n`, `${newest} ${newest}\n`]);
});
