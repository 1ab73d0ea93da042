import type { Position } from "@reactive-domain/core";
import { after, type CheckResult } from "@reactive-domain/persistence";
import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { LOG_BREACHES, type Breach } from "@reactive-domain/store-tests";
import { MAINTENANCE_CHECKS, testStores } from "@reactive-domain/store-tests/vitest";
import { postgresServers } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { lawsOf } from "../../src/maintenance/laws.ts";
import { schemaLaws } from "../../src/maintenance/storage-laws.ts";
import { namesOf } from "../../src/schema/names.ts";
import { postgresStores } from "../postgres-stores.ts";
import { filledStore, largeStore, runIn } from "./filled-store.ts";

vi.setConfig({ testTimeout: 60_000 });

const LAWS = [...schemaLaws(namesOf("s", "")), ...lawsOf(namesOf("s", ""))].map(({ name }) => name).concat("json");

/** What breaks a store by plain SQL, and what is found then. */
const BREACHES: readonly Breach[] = [
  ...LOG_BREACHES,
  ["schema-objects", "DROP TABLE snapshots", 'snapshots" is missing.'],
  ["schema-objects", "DROP INDEX events_by_type", 'events_by_type" is missing.'],
  ["schema-objects", "DROP FUNCTION append", 'append" is missing.'],
  ["schema-objects", "DROP SEQUENCE fences", 'fences" is missing.'],
  ["schema-objects", "ALTER TABLE events DROP CONSTRAINT events_pkey", 'events" has no primary key.'],
  [
    "indexes",
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_by_id'::regclass",
    "events_by_id is not valid: rebuild it (REINDEX INDEX).",
  ],
  [
    "stream-last-version",
    "INSERT INTO streams (name, known_version) VALUES ('account-2', 5)",
    "Stream account-2 had version 5, but its last event has 2.",
  ],
  [
    "stream-beginnings",
    "DELETE FROM events WHERE position = 0",
    "Stream account-1 begins with version 1, but its events were removed never.",
  ],
  [
    "stream-beginnings",
    "INSERT INTO streams (name, known_version) VALUES ('account-1', 0); DELETE FROM events WHERE position < 2",
    "Stream account-1 begins with version 2, but its events were removed up to version 0.",
  ],
  [
    "stream-states",
    "INSERT INTO streams (name, deleted_before) VALUES ('account-2', 5)",
    "Stream account-2 is deleted before version 5, but ends at 2.",
  ],
  ["stream-states", "INSERT INTO streams (name, known_version) VALUES ('a', -2)", "Stream a is known up to version -2, but ends at -1."],
  [
    "positions",
    "DELETE FROM events WHERE stream = 'account-1'",
    "The log ends at position 6, but its streams have 3 versions, and each must have a position.",
  ],
  ["event-fields", "UPDATE events SET data = NULL WHERE position = 5", "Event 5 of stream account-2 has no data."],
  [
    "event-sizes",
    "UPDATE events SET data = to_json(repeat('x', 2000)) WHERE position = 5",
    "bytes, but the log has noted that none has more than 1024.",
  ],
  ["event-ids", "UPDATE events SET id = (SELECT id FROM events WHERE position = 4) WHERE position = 6", " 2 times, last at position 6."],
  ["json", "UPDATE events SET data = NULL, bytes = '\\xff' WHERE position = 5", "Event 5 of stream account-2 has data that is not JSON."],
  ["json", "UPDATE events SET metadata = '' WHERE position = 0", "Event 0 of stream account-1 has metadata that is not JSON."],
  ["groups", "DELETE FROM consumer_groups", "holds event 0, and there is no such group."],
  ["fences", "ALTER SEQUENCE fences RESTART", "Event 0 is held under token 1, but the last that was given is 0."],
  ["copies", "UPDATE log SET copy = '{'", "The law copies could not be looked into: restore the store from a backup"],
];

test("every law has a store that breaks it", () => {
  expect([...new Set(BREACHES.map(([law]) => law))].toSorted()).toEqual(LAWS.toSorted());
});

describe.each(await postgresServers())("a check of a PostgreSQL store on $name", ({ url }) => {
  async function check(schema: string): Promise<CheckResult> {
    await using maintenance = await openPostgresMaintenance(url, { schema });
    return await maintenance.check();
  }

  testStores(MAINTENANCE_CHECKS, postgresStores(url));

  test("has no findings where it is sound", async () => {
    const { laws, findings } = await check(await filledStore(url));
    expect(findings).toEqual([]);
    expect(laws.filter((law) => law !== "storage")).toEqual(LAWS);
  });

  test.each(BREACHES)("finds what breaks the law of %s by `%s`", async (law, sql, problem) => {
    const schema = await filledStore(url);
    await runIn(url, schema, sql);
    const { findings } = await check(schema);
    expect(findings).toContainEqual({ law, problem: expect.stringContaining(problem) });
  });

  test("tells of a restored database which checkpoints are ahead of it, and a subscription from there is refused", async () => {
    const schema = await filledStore(url);
    await runIn(url, schema, "DELETE FROM events WHERE position > 2; DELETE FROM snapshots");
    expect((await check(schema)).findings).toEqual([
      { law: "checkpoints", problem: expect.stringContaining("Checkpoint balances is at position 4, but the log ends at position 2.") },
    ]);
    await using store = await openPostgresStore(url, { schema });
    const checkpoint = (await store.checkpoint("balances")) as Position;
    const subscription = store.subscribe({ all: true }, { from: after<Position>(checkpoint) });
    await expect(subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ahead-of-log" });
  });

  test("can be given up, and nothing of it goes on on the server", async () => {
    const schema = await largeStore(url, 100_000);
    await using maintenance = await openPostgresMaintenance(url, { schema });
    const controller = new AbortController();
    const checking = maintenance.check({ signal: controller.signal });
    setTimeout(() => controller.abort(new Error("Enough.")), 100);
    await expect(checking).rejects.toThrow("Enough.");
    await expect(maintenance.check({ signal: controller.signal })).rejects.toThrow("Enough.");
    expect((await maintenance.check()).findings).toEqual([]);
  });
});
