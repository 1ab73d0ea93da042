import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../adapters/sqlite/src/index.ts";
import { createInMemoryStore } from "../../packages/persistence/src/in-memory/index.ts";

/** @typedef {import("../../packages/persistence/src/index.ts").Gaps} Gaps */

/**
 * A store, and what it says that it lacks.
 *
 * @typedef {object} StoreGaps
 * @property {string} name
 * @property {Gaps} gaps
 */

/** @returns {Promise<readonly StoreGaps[]>} the stores of this repository */
export async function readStores() {
  const folder = mkdtempSync(join(tmpdir(), "guarantees-"));
  try {
    return [await gapsOf("memory", createInMemoryStore()), await gapsOf("SQLite", await openSqliteStore(join(folder, "empty.db")))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {import("../../packages/persistence/src/index.ts").EventStore} store
 * @returns {Promise<StoreGaps>}
 */
async function gapsOf(name, store) {
  const { gaps } = store;
  await store.close();
  return { name, gaps };
}
