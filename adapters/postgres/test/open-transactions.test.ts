import { position, type Position } from "@reactive-domain/core";
import { after, type After } from "@reactive-domain/persistence";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { startServer, withClient } from "@reactive-domain/test-servers";
import pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { openedStore } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

const APPENDS = 60;

/** Transactions that stay open, older than all that the store does: in another database, in this one with a snapshot, and one that is prepared. */
async function holdTransactionsOpen(url: string): Promise<void> {
  await withClient(url, (client) => client.query("CREATE DATABASE other"));
  await withClient(url, (client) => client.query("CREATE TABLE unrelated (number int)"));
  const elsewhere = url.replace(/\/postgres$/, "/other");
  await withClient(elsewhere, (client) => client.query("CREATE TABLE unrelated (number int)"));
  for (const [where, isolation] of [
    [elsewhere, "READ COMMITTED"],
    [url, "REPEATABLE READ"],
    [url, "SERIALIZABLE"],
  ] as const) {
    const client = new pg.Client({ connectionString: where });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => client.end());
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}; INSERT INTO unrelated VALUES (1)`);
  }
  await withClient(url, (client) => client.query("BEGIN; INSERT INTO unrelated VALUES (2); PREPARE TRANSACTION 'left over'"));
}

/** How many transactions are open that have an id, prepared ones among them. */
function openTransactions(url: string): Promise<number> {
  return withClient(url, async (client) => {
    const count =
      "SELECT count(DISTINCT virtualtransaction)::int AS open FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'";
    return (await client.query<{ readonly open: number }>(count)).rows[0]?.open ?? 0;
  });
}

test("transactions that stay open, wherever and however old, hold nothing back and make nothing slower", async () => {
  await using server = await startServer({ settings: { max_prepared_transactions: 5 } });
  const { url } = server;
  const [writer, reader] = [
    await openedStore(url, { schema: "bank" }),
    await openedStore(url, { schema: "bank", pollIntervalMs: 1_000_000 }),
  ];
  const query = vi.spyOn(pg.Client.prototype, "query");
  onTestFinished(() => query.mockRestore());

  /** How many statements it takes to write events one after another, each of which has arrived elsewhere before the next is written. */
  const statementsOfRound = async (from: "start" | After<Position>): Promise<number> => {
    const events = reader.subscribe({ all: true }, { from }).events();
    const before = query.mock.calls.length;
    let expected: Position | null = from === "start" ? null : from.after;
    for (let nth = 0; nth < APPENDS; nth++) {
      const appended = await writer.append(`account-${nth % 5}`, [newEvent()], { expectedVersion: "any" });
      expect((await events.next()).value).toMatchObject({ position: appended.position });
      await writer.write([{ kind: "checkpoint", name: "reader", expected, position: appended.position }]);
      expected = appended.position;
    }
    const statements = query.mock.calls.length - before;
    await events.return?.();
    return statements;
  };

  const alone = await statementsOfRound("start");
  await holdTransactionsOpen(url);
  expect(await openTransactions(url)).toBe(4);
  const beside = await statementsOfRound(after(position(APPENDS - 1)));
  expect(await openTransactions(url)).toBe(4);
  expect(beside).toBeLessThan(1.2 * alone);
  const events = await collect(reader, { all: true });
  expect(events).toHaveLength(2 * APPENDS);
  expectNoHoles(events);
  await withClient(url, (client) => client.query("ROLLBACK PREPARED 'left over'"));
});
