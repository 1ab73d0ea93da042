import { position, version } from "@reactive-domain/core";
import type { PostgresEventStore } from "@reactive-domain/postgres";
import { collect, newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { openedStore } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

type Ask = (store: PostgresEventStore, signal: AbortSignal) => Promise<unknown>;

const QUESTIONS: readonly (readonly [what: string, ask: Ask])[] = [
  ["a read", (store, signal) => collect(store, { all: true }, { signal })],
  ["a read of a stream", (store, signal) => collect(store, { stream: "account-1" }, { signal })],
  [
    "a backward read up to a place",
    (store, signal) => collect(store, { all: true }, { signal, direction: "backwards", upTo: { position: position(1) } }),
  ],
  [
    "a read behind a snapshot",
    (store, signal) => collect(store, { stream: "account-1" }, { signal, snapshot: { schemaVersion: version(1) } }),
  ],
  ["a subscription", (store, signal) => store.subscribe({ all: true }, { signal }).next()],
  ["a subscription from the end", (store, signal) => store.subscribe({ all: true }, { signal, from: "end" }).next()],
  ["a stream's state", (store, signal) => store.streamInfo("account-1", { signal })],
  ["a snapshot", (store, signal) => store.snapshot("account-1", { signal })],
  ["a checkpoint", (store, signal) => store.checkpoint("reader", { signal })],
  ["which log it is", (store, signal) => store.transfer.status({ signal })],
];

/** Does something while another session keeps all tables of a schema to itself. */
async function whileLocked(url: string, schema: string, work: () => Promise<void>): Promise<void> {
  await withClient(url, async (client) => {
    const found = await client.query<{ readonly tablename: string }>("SELECT tablename FROM pg_tables WHERE schemaname = $1", [schema]);
    const tables = found.rows.map(({ tablename }) => `${schema}.${client.escapeIdentifier(tablename)}`);
    await client.query(`BEGIN; LOCK TABLE ${tables.join(", ")} IN ACCESS EXCLUSIVE MODE`);
    await work();
    await client.query("ROLLBACK");
  });
}

/** Resolves when so many sessions of the server wait for a table of the schema. */
async function untilWaiting(url: string, schema: string, least: number): Promise<void> {
  const waiting =
    "SELECT count(DISTINCT l.pid)::int AS waiting FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT l.granted AND n.nspname = $1";
  await withClient(url, async (client) => {
    const count = async (): Promise<number> => (await client.query<{ readonly waiting: number }>(waiting, [schema])).rows[0]?.waiting ?? 0;
    await expect.poll(count, { interval: 5, timeout: 8_000 }).toBeGreaterThanOrEqual(least);
  });
}

describe.each(await postgresServers())("while another session locks the tables on $name", ({ url }) => {
  test("I4: every question ends with its signal, and the connections are there again when the lock is gone", async () => {
    const schema = temporarySchema(url);
    const store = await openedStore(url, { schema, maxConnections: 3 });
    await store.append("account-1", newEvents(5), { expectedVersion: "noStream" });
    await whileLocked(url, schema, async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const asking = QUESTIONS.map(([, ask]) => ask(store, controller.signal).catch((error: unknown) => error));
      await untilWaiting(url, schema, 1);
      controller.abort(reason);
      expect(await Promise.all(asking)).toEqual(QUESTIONS.map(() => reason));
    });
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all([1, 2, 3, 4].map(() => collect(store, { all: true })));
      expect(answers.map(({ length }) => length)).toEqual([5, 5, 5, 5]);
    }
    await store.append("account-1", newEvents(1), { expectedVersion: version(4) });
  });

  test("F8: a subscription that waits for a page ends at once when it is closed", async () => {
    const schema = temporarySchema(url);
    const store = await openedStore(url, { schema });
    await store.append("account-1", newEvents(5), { expectedVersion: "noStream" });
    await whileLocked(url, schema, async () => {
      const subscription = store.subscribe({ all: true });
      const pending = subscription.next();
      await untilWaiting(url, schema, 1);
      await subscription.close();
      expect(await pending).toEqual({ done: true, value: undefined });
    });
    expect(await collect(store, { all: true })).toHaveLength(5);
  });
});
