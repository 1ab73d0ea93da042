import { statSync } from "node:fs";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvents } from "@reactive-domain/store-tests";
import { expect, test, vi } from "vitest";
import { temporaryFile } from "./temporary-file.ts";

vi.mock("node:worker_threads", () => ({
  Worker: vi.fn<() => void>(function noThread() {
    throw new Error("No thread can be had.");
  }),
}));

const MIB = 1024 * 1024;

test("where no thread can be had the write-ahead log is moved all the same", async () => {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  const data = JSON.stringify("x".repeat(3_500));
  for (let commit = 0; commit < 80; commit++) await store.append("account-1", newEvents(500, { data }), { expectedVersion: "any" });
  expect(statSync(`${path}-wal`).size).toBeLessThan(100 * MIB);
  await store.close();
});
