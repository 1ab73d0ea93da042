import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { ReactiveDomainError } from "@reactive-domain/core";
import type { CheckResult } from "@reactive-domain/persistence";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { LOG_BREACHES, newEvents, type Breach } from "@reactive-domain/store-tests";
import { MAINTENANCE_CHECKS, testStores } from "@reactive-domain/store-tests/vitest";
import type Database from "better-sqlite3";
import { expect, test, vi } from "vitest";
import { LAWS } from "../../src/maintenance/laws.ts";
import { SQLITE_STORES, startChildWriter } from "../sqlite-stores.ts";
import { makeOldSchema, OLD_SCHEMAS } from "../old-store.ts";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";
import { filledStore, largeStore } from "./filled-store.ts";

vi.setConfig({ testTimeout: 60_000 });

async function check(path: string): Promise<CheckResult> {
  await using maintenance = await openSqliteMaintenance(path);
  return await maintenance.check();
}

testStores(MAINTENANCE_CHECKS, SQLITE_STORES);

test("a sound store has no findings, and is not changed", async () => {
  const path = await filledStore();
  const before = readFileSync(path);
  expect(await check(path)).toEqual({ laws: ["storage", ...LAWS.map(({ name }) => name)], findings: [] });
  expect(readFileSync(path)).toEqual(before);
});

test.each(OLD_SCHEMAS)("a sound file of schema %i has no findings", async (schemaVersion) => {
  const path = temporaryFile();
  makeOldSchema(path, schemaVersion);
  const { laws, findings } = await check(path);
  expect(findings).toEqual([]);
  expect(laws).toEqual(["storage", ...LAWS.filter(({ since }) => since <= schemaVersion).map(({ name }) => name)]);
});

test("a store has no findings while another process writes to it", async () => {
  const path = temporaryFile();
  await (await openSqliteStore(path)).close();
  const writer = startChildWriter(path, "other", 1_000_000);
  for (let turn = 1; turn <= 3; turn++) {
    await writer.until(turn * 100);
    expect((await check(path)).findings).toEqual([]);
  }
  writer.process.kill("SIGKILL");
});

/** What breaks a store by plain SQL, and what is found then. */
const BREACHES: readonly Breach[] = [
  ...LOG_BREACHES,
  ["event-streams", "DELETE FROM streams WHERE id = 2", "Event 4 belongs to a stream 2 that is not there."],
  ["stream-last-version", "UPDATE streams SET known_version = 5 WHERE id = 2", "Stream account-2 had version 5, but its last event has 2."],
  [
    "stream-beginnings",
    "DELETE FROM events WHERE position = 0",
    "Stream account-1 has never hidden an event, and lacks its first ones: it begins with version 1.",
  ],
  [
    "stream-beginnings",
    "DELETE FROM events WHERE stream_id = 2",
    "Stream account-2 has never hidden an event, and lacks its first ones: it has none.",
  ],
  [
    "positions",
    "DELETE FROM events WHERE position = 6; UPDATE streams SET deleted_before = 1 WHERE id = 2; DELETE FROM streams WHERE id = 1",
    "The log ends at position 5, but its streams have 2 versions, and each must have a position.",
  ],
  ["categories", "UPDATE streams SET category = 'order' WHERE id = 2", "Stream account-2 is filed under category order."],
  ["event-fields", "UPDATE events SET id = x'00' WHERE position = 5", "Event 5 of stream account-2 has an id of 1 bytes."],
  ["json", "UPDATE events SET data = x'7b' WHERE position = 5", "Event 5 of stream account-2 has data that is not JSON."],
  ["json", "UPDATE events SET metadata = '' WHERE position = 5", "Event 5 of stream account-2 has metadata that is not JSON."],
  ["groups", "DELETE FROM consumer_groups", "Consumer group number 1 holds event 0, and there is no such group."],
  ["copies", "UPDATE log SET copy = '{'", "The store is a copy that was not finished: run the copy again, or remove it."],
];

test.each(BREACHES)("a store that breaks the law of %s by `%s` is found", async (law, sql, problem) => {
  const path = await filledStore();
  withDatabase(path, (database) => database.exec(sql));
  const { findings } = await check(path);
  expect(findings).toContainEqual({ law, problem: expect.stringContaining(problem) });
});

test("every law has a store that breaks it", () => {
  expect([...new Set(BREACHES.map(([law]) => law))].toSorted()).toEqual(LAWS.map(({ name }) => name).toSorted());
});

test("a restored backup tells which checkpoints are ahead of it", async () => {
  const path = await filledStore();
  withDatabase(path, (database) =>
    database.exec("DELETE FROM events; DELETE FROM streams; DELETE FROM snapshots; DELETE FROM group_entries"),
  );
  const { findings } = await check(path);
  expect(findings.map(({ law }) => law)).toEqual(["checkpoints", "groups"]);
  expect(findings[0]?.problem).toContain("the log ends before its first event");
});

test("a check can be given up", async () => {
  const path = await largeStore(200_000, 10);
  await using maintenance = await openSqliteMaintenance(path);
  const controller = new AbortController();
  const checking = maintenance.check({ signal: controller.signal });
  setImmediate(() => controller.abort(new Error("Enough.")));
  await expect(checking).rejects.toThrow("Enough.");
  expect(await maintenance.status()).toMatchObject({ head: 199_999 });
});

test("a copy that is level is sound", async () => {
  const path = await filledStore();
  withDatabase(path, (database) => database.exec(`UPDATE log SET copy = '{"isLevel":true}'`));
  expect((await check(path)).findings).toEqual([]);
});

test("of very much damage to the storage the first is told, and that there is more", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  await store.append("account-1", newEvents(500), { expectedVersion: "noStream" });
  await store.close();
  withDatabase(path, (database) => {
    database.unsafeMode();
    database.pragma("writable_schema = ON");
    // The rows stay, and their index is of another column then.
    database.exec(
      "UPDATE sqlite_schema SET sql = replace(sql, '(stream_id, version)', '(version, stream_id)') WHERE name = 'events_by_stream'",
    );
  });
  const storage = (await check(path)).findings.filter(({ law }) => law === "storage");
  expect(storage).toHaveLength(21);
  expect(storage.at(-1)).toEqual({ law: "storage", problem: "There are more of these." });
});

test("what SQLite found before damage ended its look is told, then that, and the other laws are looked into", async () => {
  const path = await filledStore();
  const page = withDatabase(path, (database) => rootPage(database, "sqlite_autoindex_streams_1"));
  withDatabase(path, (database) => database.exec("UPDATE events SET data = 'no' WHERE position = 5"));
  const bytes = readFileSync(path);
  // No kind of page has this number.
  bytes.writeUInt8(0x77, (page - 1) * 4096);
  writeFileSync(path, bytes);
  const { findings } = await check(path);
  const told = findings.filter(({ law }) => law === "storage").map(({ problem }) => problem);
  expect(told.length).toBeGreaterThan(1);
  expect(told[0]).toMatch(/^SQLite says: .*page /);
  expect(told.at(-1)).toMatch(
    /^The law storage could not be looked into to its end: restore the store from a backup; see the guide\. SQLite says: /,
  );
  expect(findings).toContainEqual({ law: "json", problem: "Event 5 of stream account-2 has data that is not JSON." });
});

test("a file that was cut in the middle has findings", async () => {
  const path = await filledStore();
  truncateSync(path, 5 * 4096);
  const { findings } = await check(path);
  expect(findings[0]?.law).toBe("storage");
  expect(findings[0]?.problem).toContain("SQLite says: ");
});

test("a file whose first page is damaged has findings", async () => {
  const path = await filledStore();
  writeFileSync(path, readFileSync(path).fill(0x5a, 100, 4096));
  expect((await check(path)).findings[0]).toMatchObject({ law: "storage", problem: expect.stringContaining("SQLite says: ") });
});

test("wherever a page is overwritten, it is found or told in the port's words", async () => {
  const path = await filledStore();
  const sound = readFileSync(path);
  const found: boolean[] = [];
  for (let page = 1; page < sound.length / 4096; page++) {
    writeFileSync(path, Buffer.from(sound).fill(0xa5, page * 4096, (page + 1) * 4096));
    found.push(await findsOrRefuses(path));
  }
  expect(found).toEqual(found.map(() => true));
});

async function findsOrRefuses(path: string): Promise<boolean> {
  try {
    return (await check(path)).findings.length > 0;
  } catch (error) {
    return error instanceof ReactiveDomainError;
  }
}

function rootPage(database: Database.Database, name: string): number {
  return database.prepare<[string], number>("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(name) as number;
}
