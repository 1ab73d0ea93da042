import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendEach, countAnsweredTooEarly, verifyEvents } from "./appends.mjs";
import { openEmmettStore, readDurability } from "./emmett-store.mjs";

const WARM_UP = 200;

/**
 * Appends events to a store on a new file in a temporary folder, and looks whether they are there.
 *
 * @param {import("./parse-arguments.mjs").Options} options
 * @returns {Promise<object>}
 */
export async function measureAppends(options) {
  const folder = await mkdtemp(join(tmpdir(), "rival-"));
  try {
    return await measureIn(join(folder, "emmett.db"), options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * @param {string} fileName
 * @param {import("./parse-arguments.mjs").Options} options
 */
async function measureIn(fileName, { events, seconds, callers, connection: kind }) {
  const { store, connection, close } = await openEmmettStore(fileName, kind);
  await appendEach(store, { category: "warming", events: WARM_UP, seconds: 10, callers: 1 });
  const { count, ms } = await appendEach(store, { category: "account", events, seconds, callers });
  const answeredTooEarly = await countAnsweredTooEarly(store, fileName, callers);
  const durability = await readDurability(fileName, connection);
  close();
  await verifyEvents(fileName, "account", count);
  return { rate: (count * 1_000) / ms, events: count, ...durability, answeredTooEarly, version: installedVersion() };
}

function installedVersion() {
  const manifest = new URL("../package.json", import.meta.resolve("@event-driven-io/emmett-sqlite"));
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}
