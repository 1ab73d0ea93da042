import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gapsOf as gapsOfKurrent } from "../../adapters/kurrentdb/src/gaps-of.ts";
import { Database } from "../../adapters/postgres/src/database.ts";
import { poolOf } from "../../adapters/postgres/src/pool-of.ts";
import { PostgresDriver } from "../../adapters/postgres/src/postgres-driver.ts";
import { openSqliteStore } from "../../adapters/sqlite/src/index.ts";
import { systemRuntime } from "../../packages/core/src/index.ts";
import { createEventStore } from "../../packages/persistence/src/adapter.ts";
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
    return [
      await gapsOf("memory", createInMemoryStore()),
      await gapsOf("SQLite", await openSqliteStore(join(folder, "empty.db"))),
      await gapsOf("PostgreSQL", postgresStore()),
      { name: "KurrentDB", gaps: gapsOfKurrent({ version: "26.1", hasSessions: true, hasChecks: true }) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A store whose server is never connected to: what it lacks does not depend on one. */
function postgresStore() {
  const { pool, names, name, close } = poolOf("postgres://localhost/none", { schema: "none", tablePrefix: "", maxConnections: 2 });
  const database = new Database({ pool, onClose: close, name, prepare: true, retryForMs: 0, runtime: systemRuntime });
  const driver = new PostgresDriver({ database, names, durability: "", listen: false, pollIntervalMs: 1_000, answerTimeoutMs: 1_000 });
  return createEventStore(driver, {});
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
