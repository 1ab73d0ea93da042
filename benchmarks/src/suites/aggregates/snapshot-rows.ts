import { connect, type EventStore, type NewEvent } from "@reactive-domain/foundation";
import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { rowOf } from "../row-of.ts";
import { withStore } from "../store-postgres/our-store.ts";
import { Account, banking, KeptAccount } from "./account.ts";
import { balanceOf, historyOf } from "./history.ts";

const ROUNDS = 5;
const LOADS = 300;
const LONG = 10_000;
const SHORT = 100;
/** As many as lie behind a snapshot on average. */
const BEHIND = 50;
const WRITE_EVENTS = 500;
/** Within 1.5 times the cost. */
const TARGET = 1 / 1.5;
const ID = "000001";

/** Loading an aggregate of 10,000 events from its snapshot, beside one of 100 events without. */
export async function snapshotRows(url: string): Promise<readonly BenchRow[]> {
  const sqlite = await inTemporaryFolder(async (folder) => {
    await using store = await openSqliteStore(join(folder, "store.db"));
    return await snapshotRow(store, "sqlite", "SQLite");
  });
  const postgres = await withStore(url, "snapshots", (store) => snapshotRow(store, "postgres", "PostgreSQL"));
  return [sqlite, postgres];
}

async function snapshotRow(store: EventStore, suffix: string, where: string): Promise<BenchRow> {
  const bank = connect(banking, store);
  await write(store, bank.streamNames.forAggregate(Account.type, ID), historyOf(ID, SHORT));
  const long = historyOf(ID, LONG);
  const longStream = bank.streamNames.forAggregate(KeptAccount.type, ID);
  await write(store, longStream, long.slice(0, LONG - BEHIND));
  // The first load finds that a snapshot is due.
  await bank.repository(KeptAccount).getById(ID);
  await bank.idle();
  await write(store, longStream, long.slice(LONG - BEHIND));
  const snapshot = await store.snapshot(longStream);
  if (snapshot?.version !== LONG - BEHIND - 1) throw new Error(`The snapshot is of version ${snapshot?.version}.`);
  const ours = loading(bank.repository(KeptAccount), balanceOf(LONG));
  const floor = loading(bank.repository(Account), balanceOf(SHORT));
  const rates = await compare(ours, floor, ROUNDS);
  const name = `load an aggregate of ${LONG.toLocaleString("en-US")} events with snapshots from ${where}, beside one of ${SHORT}`;
  return rowOf({ id: `aggregate.snapshot.${suffix}`, name, unit: "aggregates/s", ...rates, target: TARGET });
}

/** An aggregate, over and over. */
function loading(accounts: { getById(id: string): Promise<{ readonly balanceCents: number }> }, expectedCents: number): Work {
  return {
    run: async () => {
      let cents = 0;
      const ms = await timed(async () => {
        for (let load = 0; load < LOADS; load++) cents += (await accounts.getById(ID)).balanceCents;
      });
      if (cents !== LOADS * expectedCents) throw new Error(`The account was loaded with ${cents / LOADS} cents, not ${expectedCents}.`);
      return { units: LOADS, ms };
    },
  };
}

async function write(store: EventStore, stream: string, events: readonly NewEvent[]): Promise<void> {
  for (let start = 0; start < events.length; start += WRITE_EVENTS)
    await store.append(stream, events.slice(start, start + WRITE_EVENTS), { expectedVersion: "any" });
}
