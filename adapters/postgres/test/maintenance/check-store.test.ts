import type { Position } from "@reactive-domain/core";
import { after, copyStore, type CheckResult } from "@reactive-domain/persistence";
import { openPostgresMaintenance, openPostgresStore } from "@reactive-domain/postgres";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { lawsOf } from "../../src/maintenance/laws.ts";
import { schemaLaws } from "../../src/maintenance/storage-laws.ts";
import { namesOf } from "../../src/schema/names.ts";
import { filledStore, largeStore, runIn } from "./filled-store.ts";

vi.setConfig({ testTimeout: 60_000 });

const LAWS = [...schemaLaws(namesOf("s", "")), ...lawsOf(namesOf("s", ""))].map(({ name }) => name).concat("json");

/** What breaks a store by plain SQL, and what is found then. */
const BREACHES: readonly (readonly [law: string, sql: string, problem: string])[] = [
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
  ["one-log", "DELETE FROM log", "The table log has 0 rows, and must have one."],
  [
    "stream-versions",
    "DELETE FROM events WHERE position = 1",
    "Stream account-1 holds 3 events between versions 0 and 3: some are missing.",
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
  ["positions", "UPDATE events SET position = -5 WHERE position = 0", "Event -5 has a position below 0."],
  [
    "stream-order",
    "UPDATE events SET version = 100 WHERE position = 1; UPDATE events SET version = 1 WHERE position = 2; UPDATE events SET version = 2 WHERE position = 1",
    "Event 1 of stream account-1 has version 2, but stands before version 1.",
  ],
  ["times", "UPDATE events SET time = 5 WHERE position = 3", "Event 3 of stream account-1 is older than the event before it."],
  ["categories", "UPDATE events SET category = 'order' WHERE position = 5", "Event 5 of stream account-2 is filed under category order."],
  ["event-fields", "UPDATE events SET type = ' ' WHERE position = 5", "Event 5 of stream account-2 has no type."],
  ["event-fields", "UPDATE events SET schema_version = 0 WHERE position = 5", "Event 5 of stream account-2 has schema version 0."],
  ["event-fields", "UPDATE events SET data = NULL WHERE position = 5", "Event 5 of stream account-2 has no data."],
  ["event-ids", "UPDATE events SET id = (SELECT id FROM events WHERE position = 4) WHERE position = 6", " 2 times, last at position 6."],
  ["json", "UPDATE events SET data = '{' WHERE position = 5", "Event 5 of stream account-2 has data that is not JSON."],
  ["json", "UPDATE events SET data = NULL, bytes = '\\xff' WHERE position = 5", "Event 5 of stream account-2 has data that is not JSON."],
  ["json", "UPDATE events SET metadata = '' WHERE position = 0", "Event 0 of stream account-1 has metadata that is not JSON."],
  ["snapshots", "UPDATE snapshots SET version = 4", "The snapshot of account-1 is of version 4, but the stream ends at 3."],
  [
    "checkpoints",
    "UPDATE checkpoints SET position = 7",
    "Checkpoint balances is at position 7, but the log ends at position 6. It was moved",
  ],
  ["groups", "UPDATE consumer_groups SET next = 8", "Consumer group mailer goes on at position 8, but the log ends at position 6."],
  [
    "groups",
    "UPDATE group_entries SET position = 50 WHERE position = 1",
    "Consumer group mailer holds event 50, and there is no such event.",
  ],
  ["groups", "DELETE FROM consumer_groups", "holds event 0, and there is no such group."],
  ["fences", "ALTER SEQUENCE fences RESTART", "Event 0 is held under token 1, but the last that was given is 0."],
  ["copies", `UPDATE log SET copy = '{"isLevel":false}'`, "The store is a copy that was not finished: run the copy again, or remove it."],
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

  test("has no findings where it is sound", async () => {
    const { laws, findings } = await check(await filledStore(url));
    expect(findings).toEqual([]);
    expect(laws.filter((law) => law !== "storage")).toEqual(LAWS);
  });

  test("has no findings where it is empty", async () => {
    const schema = temporarySchema(url);
    await (await openPostgresStore(url, { schema })).close();
    expect((await check(schema)).findings).toEqual([]);
  });

  test("takes what deletion, metadata and scavenges leave as sound", async () => {
    const schema = temporarySchema(url);
    await using store = await openPostgresStore(url, { schema });
    for (const stream of ["account-1", "account-2", "account-3", "account-4"])
      await store.append(stream, newEvents(10), { expectedVersion: "noStream" });
    await store.write([
      { kind: "delete", stream: "account-1", expectedVersion: "exists" },
      { kind: "tombstone", stream: "account-2", expectedVersion: "exists" },
      { kind: "tombstone", stream: "never-there", expectedVersion: "any" },
      { kind: "metadata", stream: "account-3", metadata: { maxCount: 2 } },
      { kind: "metadata", stream: "never-written", metadata: { maxCount: 2 } },
    ]);
    await store.scavenge();
    expect((await check(schema)).findings).toEqual([]);
    await store.append("account-1", [newEvent()], { expectedVersion: "any" });
    await store.write([
      { kind: "metadata", stream: "account-3", metadata: {} },
      { kind: "delete", stream: "account-4", expectedVersion: "exists" },
    ]);
    await store.scavenge();
    expect((await check(schema)).findings).toEqual([]);
  });

  test("takes a copy as sound whose source was scavenged, and says nothing of its streams any more", async () => {
    const [from, to] = [temporarySchema(url), temporarySchema(url)];
    await using source = await openPostgresStore(url, { schema: from });
    await using target = await openPostgresStore(url, { schema: to });
    await source.append("account-1", newEvents(10), { expectedVersion: "noStream" });
    await source.write([{ kind: "metadata", stream: "account-1", metadata: { maxCount: 2 } }]);
    await source.scavenge();
    await source.write([{ kind: "metadata", stream: "account-1", metadata: {} }]);
    await copyStore(source, target);
    expect((await check(to)).findings).toEqual([]);
    await using maintenance = await openPostgresMaintenance(url, { schema: to });
    expect(await maintenance.status()).toMatchObject({ head: 9, events: { count: 2, isExact: true }, streams: 1 });
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

  test("tells the first of very many findings, and that there are more", async () => {
    const schema = temporarySchema(url);
    const store = await openPostgresStore(url, { schema });
    await store.append("account-1", newEvents(50), { expectedVersion: "noStream" });
    await store.close();
    await runIn(url, schema, "UPDATE events SET data = 'no', category = 'order'");
    const { findings } = await check(schema);
    for (const law of ["json", "categories"]) {
      const told = findings.filter((finding) => finding.law === law);
      expect(told).toHaveLength(21);
      expect(told.at(-1)).toEqual({ law, problem: "There are more of these." });
    }
  });

  test("looks for JSON in as many of the last events as are asked for", async () => {
    const schema = await filledStore(url);
    await runIn(url, schema, "UPDATE events SET data = 'no' WHERE position = 5");
    await using maintenance = await openPostgresMaintenance(url, { schema });
    expect((await maintenance.check({ maxJsonEvents: 1 })).findings).toEqual([]);
    expect((await maintenance.check({ maxJsonEvents: 2 })).findings).toHaveLength(1);
    expect((await maintenance.check({ maxJsonEvents: 0 })).findings).toEqual([]);
    await expect(maintenance.check({ maxJsonEvents: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
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
