import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import type { EventStore } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expect, test, vi } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

vi.setConfig({ testTimeout: 60_000 });

const PAGE_BYTES = 4_096;
/** SQLite's "Database File Format", section 4.1: a page in the write-ahead log, with its header. */
const FRAME_BYTES = 24 + PAGE_BYTES;
/** So that cuts fall on all parts of a page. */
const STEP_BYTES = FRAME_BYTES - 1_111;

async function fill(store: EventStore, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await store.append("account-1", newEvents(2), { expectedVersion: "any" });
}

async function openAndRead(path: string): Promise<number> {
  await using store = await openSqliteStore(path);
  return (await collect(store, { all: true })).length;
}

test.each([20, 99, 100, 600, PAGE_BYTES, 3 * PAGE_BYTES, 10 * PAGE_BYTES + 7])(
  "a file that is cut after %i bytes is called damaged, is not changed, and the process goes on when it is restored",
  async (size) => {
    const path = temporaryFile();
    const store = await openSqliteStore(path);
    await fill(store, 200);
    await store.close();
    copyFileSync(path, `${path}.backup`);
    truncateSync(path, size);
    const cut = readFileSync(path);
    for (const readOnly of [false, true]) {
      const opening = openSqliteStore(path, { readOnly });
      await expect(opening).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
      await expect(opening).rejects.toThrow(`SQLite store ${path} is damaged; restore it from a backup.`);
    }
    expect(readFileSync(path)).toEqual(cut);

    copyFileSync(`${path}.backup`, path);
    expect(await openAndRead(path)).toBe(400);
  },
);

test("a file that is cut under an open store is called damaged, and takes the process with it in no case", async () => {
  const path = temporaryFile();
  await using writer = await openSqliteStore(path);
  await fill(writer, 400);
  await writer.close();
  await using store = await openSqliteStore(path);
  truncateSync(path, 4 * PAGE_BYTES);
  const reading = collect(store, { all: true });
  await expect(reading).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
  await expect(reading).rejects.toThrow(/is damaged; restore it from a backup|the disk reports an error/);
  const append = store.append("account-1", [newEvent()], { expectedVersion: "any" });
  await expect(append).rejects.toMatchObject({ code: "store-unavailable" });
});

test("a write-ahead log that is cut anywhere gives what was committed before the cut, and goes on there", async () => {
  const path = temporaryFile();
  await using store = await openSqliteStore(path);
  await fill(store, 8);
  const [file, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
  const counts: number[] = [];
  for (let at = 0; at <= log.length; at += STEP_BYTES) {
    const copy = temporaryFile();
    writeFileSync(copy, file);
    writeFileSync(`${copy}-wal`, log.subarray(0, at));
    counts.push(await countDense(copy));
  }
  expect(counts).toEqual(counts.toSorted((one, other) => one - other));
  expect(new Set(counts).size).toBeGreaterThan(5);
  // The cut before the last bytes takes the last write, and no other.
  expect(await countCutBy(1)).toBe(14);
  expect(await countCutBy(0)).toBe(16);

  async function countCutBy(bytes: number): Promise<number> {
    const copy = temporaryFile();
    writeFileSync(copy, file);
    writeFileSync(`${copy}-wal`, log.subarray(0, log.length - bytes));
    return countDense(copy);
  }
});

/** How many events there are: none missing in between, both of each write, and the next where it belongs. */
async function countDense(path: string): Promise<number> {
  await using store = await openSqliteStore(path);
  const events = await collect(store, { all: true });
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index));
  expect(events.length % 2).toBe(0);
  expect(await store.append("account-1", [newEvent()], { expectedVersion: "any" })).toMatchObject({ position: events.length });
  return events.length;
}
