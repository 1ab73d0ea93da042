import { position } from "@reactive-domain/core";
import type { EventFilter, EventStore, ReadSource } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent, newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

const EVENTS = 50_000;
/** A filtered page, and a claim, look at so many events in vain at the most, and at a few beside. */
const MOST_ROWS_FILTERED = 10_100;
const MOST_ROWS = 1_100;

const SOURCES: readonly ReadSource[] = [
  { stream: "account-1" },
  { stream: "rare-1" },
  { category: "account" },
  { category: "rare" },
  { eventType: "Deposited" },
  { all: true },
];
const FILTERS: readonly (EventFilter | undefined)[] = [
  undefined,
  { types: ["Deposited", "Opened"] },
  { categories: ["account", "order"] },
  { streamPrefix: "account-" },
  { streamPrefix: "nothing-" },
  { correlationId: "c-1" },
  { types: ["Deposited", "Opened"], categories: ["account"], streamPrefix: "account-", correlationId: "c-1" },
];

const TABLES = ["events", "streams", "snapshots", "checkpoints", "leases", "group_entries", "recent_writes"];
const STATISTICS = [
  { name: "with statistics", isAnalyzed: true },
  { name: "without statistics", isAnalyzed: false },
];

const PLANNING = STATISTICS.flatMap((one) => [
  { ...one, planMode: "force_custom_plan" },
  { ...one, planMode: "force_generic_plan" },
]);

/** A node of a plan, as PostgreSQL tells it. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Plan {
  readonly "Query Text": string;
  readonly Plan: PlanNode;
}

/** Ids of writes of the last ten hours, in which nothing was forgotten. */
const REMEMBERED = `SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 1800 * n), 12, '0') || '7000' || substr(md5(n::text), 1, 16))::uuid AS id
  FROM generate_series(1, 20000) n`;

/** These have one row, or as many as there are groups. */
const SMALL = new Set(["log", "consumer_groups", "migrations"]);

/** What a node reads from its table, all in all. */
function rowsOf(node: PlanNode): number {
  const removed = (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0);
  return (node["Actual Rows"] + removed) * node["Actual Loops"];
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** What costs more as tables grow: a table that is read from end to end, or more of it than anybody asked for, be it for a sort. */
function costlyIn({ "Query Text": text, Plan: root }: Plan, mostRows: number): readonly string[] {
  return nodesOf(root).flatMap((node) => {
    const { "Node Type": type, "Relation Name": table } = node;
    const isWhole = type === "Seq Scan" && table !== undefined && !SMALL.has(table);
    return isWhole || rowsOf(node) > mostRows ? [`${type} of ${table}, ${rowsOf(node)} rows: ${text}`] : [];
  });
}

describe.each(await postgresServers())("$name", ({ url }) => {
  /** A log with many events, many other rows beside them, with statistics or without, as behind a sudden growth. */
  async function filledSchema(isAnalyzed: boolean): Promise<string> {
    const schema = temporarySchema(url);
    const store = await openPostgresStore(url, { schema });
    await store.groups.create("full", { source: { all: true }, maxUnsettled: 1_000_000 });
    await store.close();
    const untouched = TABLES.map((table) => `ALTER TABLE ${schema}.${table} SET (autovacuum_enabled = off);`).join("");
    await withClient(url, (client) =>
      client.query(`${untouched}
        INSERT INTO ${schema}.events (position, version, time, schema_version, id, stream, category, type, metadata, data)
          SELECT n, CASE WHEN n % 500 = 1 THEN n / 500 WHEN n % 4 = 3 THEN 0 ELSE n / 4 END, n, 1, gen_random_uuid(),
            CASE WHEN n % 500 = 1 THEN 'rare-1' ELSE CASE n % 4 WHEN 0 THEN 'account-1' WHEN 1 THEN 'order-1' WHEN 2 THEN 'audit-1' ELSE 'account-' || 2 + n END END,
            CASE WHEN n % 500 = 1 THEN 'rare' ELSE CASE n % 4 WHEN 1 THEN 'order' WHEN 2 THEN 'audit' ELSE 'account' END END,
            CASE n % 500 WHEN 0 THEN 'Deposited' WHEN 1 THEN 'Opened' ELSE 'Other' END, '{"correlationId":"c-' || n / 10 || '"}', '{}'
          FROM generate_series(0, ${EVENTS - 1}) n;
        INSERT INTO ${schema}.streams (name, metadata, max_count, max_age_ms) SELECT 'account-' || n, '{}', 10, 1000 FROM generate_series(2, 20000) n;
        INSERT INTO ${schema}.snapshots SELECT 'account-' || n, 1, 1, 'h', 'application/json', '{}', NULL, 0 FROM generate_series(1, 20000) n;
        INSERT INTO ${schema}.checkpoints SELECT 'reader-' || n, n FROM generate_series(1, 20000) n;
        INSERT INTO ${schema}.leases SELECT 'reader-' || n, 'me', 1, 0 FROM generate_series(1, 20000) n;
        INSERT INTO ${schema}.group_entries (group_id, position, at, due, attempts, state, in_line, is_suspect, key, error, parked_at)
          SELECT 1, n, 0, 0, 1, CASE WHEN n % 100 = 0 THEN 0 ELSE 5 END, true, false, 'account-' || n, '', 0 FROM generate_series(0, 19999) n;
        INSERT INTO ${schema}.recent_writes (id, outcomes) SELECT id, '' FROM (${REMEMBERED}) r;
        UPDATE ${schema}.consumer_groups SET next = 20000`),
    );
    const analyze = `ANALYZE ${TABLES.map((table) => `${schema}.${table}`).join()}`;
    if (isAnalyzed) await withClient(url, (client) => client.query(analyze));
    return schema;
  }

  /** A store, and the plan of each statement that it has run, of those within functions, too. */
  async function explained(
    schema: string,
    planMode = "auto",
    path = "public",
  ): Promise<{ readonly store: EventStore; readonly plans: Plan[] }> {
    const plans: Plan[] = [];
    const settings = { min_duration: 0, nested_statements: "on", analyze: "on", timing: "off", format: "json", level: "notice" };
    const options = Object.entries(settings).map(([name, value]) => `-c auto_explain.log_${name}=${value}`);
    const pool = new pg.Pool({
      connectionString: url,
      options: ["-c session_preload_libraries=auto_explain", `-c plan_cache_mode=${planMode}`, `-c search_path=${path}`, ...options].join(
        " ",
      ),
    });
    onTestFinished(() => pool.end());
    pool.on("connect", (client) => {
      client.on("notice", ({ message = "" }) => {
        const from = message.indexOf("{");
        if (message.includes("plan:") && from > 0) plans.push(JSON.parse(message.slice(from)) as Plan);
      });
    });
    const store = await openPostgresStore(pool, { schema, listen: false });
    onTestFinished(() => store.close());
    return { store, plans };
  }

  async function expectThriftyPages(isAnalyzed: boolean, planMode: string): Promise<void> {
    const { store, plans } = await explained(await filledSchema(isAnalyzed), planMode);
    for (const source of SOURCES) {
      for (const filter of FILTERS) {
        for (const direction of ["forwards", "backwards"] as const) {
          for (const from of ["start", "end", { at: 2_000 as never }] as const) {
            plans.length = 0;
            const options = { direction, from, maxBatchEvents: 100, ...(filter !== undefined && { filter }) };
            await store.read(source, options).batches()[Symbol.asyncIterator]().next();
            const costly = plans.flatMap((plan) => costlyIn(plan, filter === undefined ? MOST_ROWS : MOST_ROWS_FILTERED));
            expect({ source, options, costly, isExplained: plans.length > 0 }).toEqual({
              source,
              options,
              costly: [],
              isExplained: true,
            });
          }
        }
      }
    }
  }

  async function expectThriftySnapshotReads(isAnalyzed: boolean, planMode: string): Promise<void> {
    const schema = await filledSchema(isAnalyzed);
    const ids = await withClient(url, (client) =>
      client.query<{ id: string }>(`SELECT id FROM ${schema}.events WHERE stream = 'account-1' AND version IN (1, 900) ORDER BY version`),
    );
    const asked = [undefined, newEvent().id, ...ids.rows.map(({ id }) => id)];
    expect(asked).toHaveLength(4);
    const { store, plans } = await explained(schema, planMode);
    for (const [stream, behind] of [
      ["account-1", true],
      ["account-9", false],
      ["account-none", false],
    ] as const) {
      for (const [nth, unlessRecorded] of asked.entries()) {
        plans.length = 0;
        const snapshot = { schemaVersion: 1, ...(unlessRecorded !== undefined && { unlessRecorded }) };
        const batches = store.read({ stream }, { snapshot, maxBatchEvents: 100 }).batches();
        const first = await batches[Symbol.asyncIterator]().next();
        const costly = plans.flatMap((plan) => costlyIn(plan, MOST_ROWS));
        const isBehind = first.done !== true && first.value.snapshot !== undefined;
        // The snapshot has version 1 behind it.
        const expected = { stream, unlessRecorded, costly: [], isBehind: behind && nth !== 2, isExplained: true };
        expect({ stream, unlessRecorded, costly, isBehind, isExplained: plans.length > 0 }).toEqual(expected);
      }
    }
  }

  /** Plans are made for what is asked for, then kept for whatever is asked for. */
  test.each(PLANNING)("$name and $planMode no read that begins behind a snapshot reads more than it shows", ({ isAnalyzed, planMode }) =>
    expectThriftySnapshotReads(isAnalyzed, planMode),
  );

  test.each(PLANNING)(
    "$name and $planMode no page reads more than it shows or may look at, from wherever and in whichever direction",
    ({ isAnalyzed, planMode }) => expectThriftyPages(isAnalyzed, planMode),
  );

  test.each(STATISTICS)("$name no write, claim, settlement or lease reads more than it is about", async ({ isAnalyzed }) => {
    const { store, plans } = await explained(await filledSchema(isAnalyzed));
    const fromHere = { after: position(EVENTS - 100) };
    const calls: Record<string, () => Promise<unknown>> = {
      append: () => store.append("account-1", [newEvent()], { expectedVersion: "any" }),
      "append again": async () => {
        const events = newEvents(2);
        for (let time = 0; time < 2; time++) await store.append("account-1", events, { expectedVersion: "any" });
      },
      "appends together": () =>
        Promise.all(Array.from({ length: 50 }, (_, nth) => store.append(`account-${nth}`, newEvents(3), { expectedVersion: "any" }))),
      "all kinds": () =>
        store.write([
          { kind: "append", stream: "account-3", expectedVersion: "any", events: newEvents(3) },
          { kind: "checkpoint", name: "reader-7", expected: position(7), position: position(8) },
          { kind: "snapshot", name: "account-3", version: 9, schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}" },
          { kind: "metadata", stream: "account-4", metadata: { maxCount: 5 } },
          { kind: "delete", stream: "order-1", expectedVersion: "any" },
          { kind: "tombstone", stream: "account-11", expectedVersion: "any" },
        ]),
      "stream info": () => store.streamInfo("account-1"),
      checkpoint: () => store.checkpoint("reader-7"),
      snapshot: () => store.snapshot("account-7"),
      lease: async () => {
        const lease = await store.leases.acquire("reader-9", { owner: "other", durationMs: 60_000 });
        if (lease !== undefined) await store.leases.release(await store.leases.renew(lease, { durationMs: 60_000 }));
      },
      "parked ones": () => store.groups.parked("full", { after: position(100), limit: 20 }),
      "replay of a parked one": () => store.groups.replayParked("full", { positions: [position(15_001)] }),
      "claim and settle": async () => {
        const claimed = await store.groups.claim("full", { consumer: "one", maxEvents: 50 });
        expect(claimed).toHaveLength(50);
        await store.groups.extend("full", claimed, { leaseMs: 60_000 });
        const deliveries = claimed.map(
          ({ position: at, fence }, nth) => ({ position: at, fence, outcome: nth % 2 === 0 ? "acknowledge" : "retry" }) as const,
        );
        await store.write([{ kind: "settle", group: "full", deliveries }]);
      },
    };
    for (const source of SOURCES)
      for (const orderBy of ["stream", "correlation", "none"] as const)
        calls[`claim from ${JSON.stringify(source)} by ${orderBy}`] = async () => {
          const group = JSON.stringify([source, orderBy]);
          await store.groups.create(group, { source, orderBy, from: fromHere });
          await store.groups.claim(group, { consumer: "one", maxEvents: 10 });
        };
    for (const [name, call] of Object.entries(calls)) {
      plans.length = 0;
      await call();
      const costly = plans.flatMap((plan) => costlyIn(plan, MOST_ROWS));
      expect({ name, costly, isExplained: plans.length > 0 }).toEqual({ name, costly: [], isExplained: true });
    }
  });

  test.each(STATISTICS)("$name a write that forgets old ones looks at no more than it forgets", async ({ isAnalyzed }) => {
    const schema = await filledSchema(isAnalyzed);
    // What stands in front of the functions of the server: every write is the one in a hundred.
    await withClient(url, (client) =>
      client.query(`CREATE FUNCTION ${schema}.random() RETURNS double precision LANGUAGE sql AS 'SELECT 0.0::double precision'`),
    );
    const { store, plans } = await explained(schema, "auto", `${schema},pg_catalog`);
    plans.length = 0;
    await store.write([{ kind: "checkpoint", name: "reader-7", expected: position(7), position: position(8) }]);
    const isForgetting = plans.some(({ "Query Text": text }) => text.startsWith("DELETE FROM") && text.includes("recent_writes"));
    expect({ isForgetting, costly: plans.flatMap((plan) => costlyIn(plan, MOST_ROWS)) }).toEqual({ isForgetting: true, costly: [] });
  });
});
