import { chmodSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

const NOBODY = 65_534;

/** The administrator may write everywhere: the test goes on as nobody. */
function withoutPrivileges(): void {
  if (process.geteuid?.() !== 0) return;
  process.seteuid?.(NOBODY);
  onTestFinished(() => process.seteuid?.(0));
}

/** A store with three events, and a way to say who may write. */
async function closedStore(): Promise<{ readonly path: string; allow(mode: number, directoryMode: number): void }> {
  const path = temporaryFile();
  chmodSync(dirname(path), 0o777);
  await using store = await openSqliteStore(path);
  await store.append("account-1", newEvents(3), { expectedVersion: "noStream" });
  const owner = process.geteuid?.() ?? 0;
  return {
    path,
    allow: (mode, directoryMode) => {
      const now = process.geteuid?.() ?? 0;
      process.seteuid?.(owner);
      chmodSync(path, mode);
      chmodSync(dirname(path), directoryMode);
      process.seteuid?.(now);
    },
  };
}

test.each([
  ["a file that is read-only", 0o444, 0o777, /cannot be written: the file, its directory, or a -wal or -shm beside it is read-only/],
  [
    "a file and a directory that are read-only",
    0o444,
    0o555,
    /cannot be written: the file, its directory, or a -wal or -shm beside it is read-only/,
  ],
  ["a directory that is read-only", 0o666, 0o555, /cannot be written: the file, its directory, or a -wal or -shm beside it is read-only/],
  ["a file that nobody may look at", 0o000, 0o777, /cannot be read: EACCES/],
])(
  "%s is named when it is opened for writing, is left alone, and is written when it may be",
  async (_name, mode, directoryMode, sentence) => {
    const { path, allow } = await closedStore();
    withoutPrivileges();
    allow(mode, directoryMode);
    const opening = openSqliteStore(path);
    await expect(opening).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
    await expect(opening).rejects.toThrow(sentence);
    expect(readdirSync(dirname(path))).toEqual(["bank.db"]);

    allow(0o666, 0o777);
    await using store = await openSqliteStore(path);
    expect(await store.append("account-1", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: 3, version: 3 });
  },
);

test("a file that is read-only is read with readOnly", async () => {
  const { path, allow } = await closedStore();
  withoutPrivileges();
  allow(0o444, 0o777);
  await using store = await openSqliteStore(path, { readOnly: true });
  expect(await collect(store, { all: true })).toHaveLength(3);
});

test("a store that is open when its file becomes read-only goes on with what it has opened", async () => {
  const { path, allow } = await closedStore();
  chmodSync(path, 0o666);
  withoutPrivileges();
  await using store = await openSqliteStore(path);
  await store.append("account-1", [newEvent()], { expectedVersion: "exists" });
  allow(0o444, 0o555);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ position: 4 });
  allow(0o666, 0o777);
});
