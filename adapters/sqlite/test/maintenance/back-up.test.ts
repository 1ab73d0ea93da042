import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { version } from "@reactive-domain/core";
import type { EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { openSqliteMaintenance, openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { temporaryDirectory, writtenBy, type Written } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { startChildWriter } from "../sqlite-stores.ts";
import { makeOldSchema, OLD_SCHEMAS } from "../old-store.ts";
import { temporaryFile } from "../temporary-file.ts";
import { withDatabase } from "../with-database.ts";
import { filledStore, largeStore } from "./filled-store.ts";
import { runChild } from "./run-child.ts";

vi.setConfig({ testTimeout: 60_000 });

async function eventsOf(path: string): Promise<readonly RecordedEvent[]> {
  await using store = await openSqliteStore(path, { readOnly: true });
  return await collect(store, { all: true });
}

test.skipIf(process.platform === "win32")("a pipe or a device is not replaced by a backup", async () => {
  const pipe = join(temporaryDirectory(), "pipe");
  expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
  await using maintenance = await openSqliteMaintenance(await filledStore());
  await expect(maintenance.backup(pipe, { replace: true })).rejects.toThrow("must be a file, and not a device or a pipe");
  expect(statSync(pipe).isFIFO()).toBe(true);
});

test("a backup has all of the store, and goes on as a store", async () => {
  const path = await filledStore();
  const target = join(temporaryDirectory(), "copy.db");
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.backup(target)).toEqual({ target, bytes: statSync(target).size, head: 6 });
  expect(readdirSync(dirname(target))).toEqual(["copy.db"]);
  await using store = await openSqliteStore(target, { mustExist: true });
  expect(await store.append("account-1", [newEvent()], { expectedVersion: version(3) })).toMatchObject({ version: 4, position: 7 });
  expect(await store.checkpoint("balances")).toBe(4);
  expect(await store.snapshot("account-1")).toMatchObject({ version: 3 });
  expect(await store.groups.status("mailer")).toMatchObject({ claimed: 2 });
});

test("a backup beside this process and another that write has everything that was acknowledged before it began, and holds nobody up", async () => {
  const path = temporaryFile();
  const target = `${path}.copy`;
  const writer = startChildWriter(path, "other", 1_000_000);
  await writer.until(500);
  await using store = await openSqliteStore(path);
  const own: Written[] = [];
  const writing = new AbortController();
  const appending = (async () => {
    while (!writing.signal.aborted) own.push(await store.append("own-1", [newEvent()], { expectedVersion: "any" }));
  })();
  await vi.waitFor(() => expect(own.length).toBeGreaterThan(20), { interval: 1 });
  const before = [...writtenBy(writer), ...own];
  await using maintenance = await openSqliteMaintenance(path);
  const { head } = await maintenance.backup(target);
  const after = [...writtenBy(writer), ...own];
  await writer.until(writer.said.length + 100);
  writing.abort();
  await appending;
  writer.process.kill("SIGKILL");

  expect(after.length).toBeGreaterThan(before.length);
  const events = await eventsOf(target);
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index));
  expect(head).toBe(events.length - 1);
  for (const { stream, version: last, position } of before) expect(events[position]).toMatchObject({ stream, version: last });
  await using copy = await openSqliteMaintenance(target);
  expect(await copy.check()).toMatchObject({ findings: [] });
});

test("the event loop turns while a large store is copied", async () => {
  const path = await largeStore(1_000, 60_000);
  await using maintenance = await openSqliteMaintenance(path);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await maintenance.backup(`${path}.copy`);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(20);
});

test("a backup of a backup opens, also without ever having been opened", async () => {
  const path = await filledStore();
  for (const [from, to] of [
    [path, `${path}.1`],
    [`${path}.1`, `${path}.2`],
  ] as const) {
    await using maintenance = await openSqliteMaintenance(from);
    await maintenance.backup(to);
  }
  expect(await eventsOf(`${path}.2`)).toHaveLength(7);
  await using store = await openSqliteStore(`${path}.2`);
  expect(await store.append("account-2", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: 7 });
});

test.each(OLD_SCHEMAS)("a file of schema %i is copied as it is", async (schemaVersion) => {
  const path = temporaryFile();
  makeOldSchema(path, schemaVersion);
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.backup(`${path}.copy`)).toMatchObject({ head: 3 });
  expect(withDatabase(`${path}.copy`, (database) => database.pragma("user_version", { simple: true }))).toBe(schemaVersion);
});

test("a copy is as private as its store", async () => {
  const path = await filledStore();
  chmodSync(path, 0o600);
  await using maintenance = await openSqliteMaintenance(path);
  await maintenance.backup(`${path}.copy`);
  expect(statSync(`${path}.copy`).mode & 0o777).toBe(0o600);
});

test("a target is refused that exists, is a folder or the store, or has no folder; nothing is left behind", async () => {
  const path = await filledStore();
  const folder = dirname(path);
  await using maintenance = await openSqliteMaintenance(path);
  await maintenance.backup(`${path}.copy`);
  const before = readFileSync(`${path}.copy`);
  const names = readdirSync(folder);
  for (const [target, sentence] of [
    [`${path}.copy`, "must be a file that does not exist"],
    [path, "must be another file than the store"],
    [join(folder, ".", "bank.db-wal"), "must be another file than the store"],
    [folder, `must be a file, and not a folder`],
    [join(folder, "none", "copy.db"), `Make the folder ${join(folder, "none")} first.`],
    ["", "must be the path of a file"],
  ] as const) {
    await expect(maintenance.backup(target)).rejects.toThrow(sentence);
    await expect(maintenance.backup(target)).rejects.toMatchObject({ code: "invalid-argument" });
  }
  await expect(maintenance.backup(path, { replace: true })).rejects.toMatchObject({ code: "invalid-argument" });
  expect(readFileSync(`${path}.copy`)).toEqual(before);
  expect(readdirSync(folder)).toEqual(names);
});

test("a target is replaced when that is asked for, unless somebody has it open", async () => {
  const path = await filledStore();
  const target = `${path}.copy`;
  await using maintenance = await openSqliteMaintenance(path);
  await maintenance.backup(target);
  await using store: EventStore = await openSqliteStore(path);
  await store.append("account-1", newEvents(3), { expectedVersion: "exists" });
  expect(await maintenance.backup(target, { replace: true })).toMatchObject({ head: 9 });
  await using other = await openSqliteStore(target);
  await expect(maintenance.backup(target, { replace: true })).rejects.toThrow(
    /must be a file that nobody has open, without bank.db.copy-wal/,
  );
  expect(await collect(other, { all: true })).toHaveLength(10);
});

test("a backup that is killed leaves nothing under the target's name", async () => {
  const path = await largeStore(1_000, 100_000);
  const folder = temporaryDirectory();
  const { child, ended } = runChild(new URL("child-backup.ts", import.meta.url), [path, join(folder, "copy.db")]);
  await vi.waitFor(() => expect(bytesIn(folder)).toBeGreaterThan(0), { interval: 1, timeout: 20_000 });
  child.kill("SIGKILL");
  expect(await ended).toEqual({ how: "SIGKILL", output: "" });
  expect(readdirSync(folder).filter((name) => !name.startsWith("copy.db.partial-"))).toEqual([]);
  await using maintenance = await openSqliteMaintenance(path);
  expect(await maintenance.backup(join(folder, "copy.db"))).toMatchObject({ head: 999 });
});

test("a backup that the disk has no room for says so, and leaves nothing", async () => {
  const path = await largeStore(100, 100_000);
  const folder = temporaryDirectory();
  const { ended } = runChild(new URL("child-backup.ts", import.meta.url), [path, join(folder, "copy.db")], 1_000);
  const { output } = await ended;
  expect(output).toMatch(
    /^store-unavailable: SQLite store .* could not be copied to .*copy\.db: .*; look for room and permissions there\.\n$/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("a place where no file can be made is told in the port's words", async () => {
  const path = await filledStore();
  const folder = temporaryDirectory();
  await using maintenance = await openSqliteMaintenance(path);
  for (const length of [250, 300]) {
    const target = join(folder, "x".repeat(length));
    await expect(maintenance.backup(target)).rejects.toThrow(`SQLite store ${path} could not be copied to ${target}: ENAMETOOLONG`);
    await expect(maintenance.backup(target)).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
  }
});

test("a backup that is given up leaves nothing, and the maintenance can be used again", async () => {
  const path = await largeStore(1_000, 60_000);
  const folder = temporaryDirectory();
  await using maintenance = await openSqliteMaintenance(path);
  const controller = new AbortController();
  const backup = maintenance.backup(join(folder, "copy.db"), { signal: controller.signal });
  backup.catch(() => undefined);
  await vi.waitFor(() => expect(bytesIn(folder)).toBeGreaterThan(0), { interval: 1 });
  controller.abort(new Error("Enough."));
  await expect(backup).rejects.toThrow("Enough.");
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]));
  expect(await maintenance.backup(join(folder, "copy.db"))).toMatchObject({ head: 999 });
  await expect(maintenance.backup(join(folder, "other.db"), { signal: AbortSignal.abort(new Error("Never.")) })).rejects.toThrow("Never.");
  expect(readdirSync(folder)).toEqual(["copy.db"]);
});

test("a damaged store is not copied", async () => {
  const path = await largeStore(20, 100_000);
  const folder = temporaryDirectory();
  withDatabase(path, (database) => database.pragma("journal_mode = DELETE"));
  truncateSync(path, 1_000_000);
  await using maintenance = await openSqliteMaintenance(path);
  await expect(maintenance.backup(join(folder, "copy.db"))).rejects.toThrow("is damaged; restore it from a backup");
  expect(readdirSync(folder)).toEqual([]);
});

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
