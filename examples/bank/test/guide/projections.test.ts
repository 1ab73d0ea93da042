import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connect,
  createInMemoryReadModels,
  createInMemoryStore,
  createProjections,
  defineListing,
  defineReadModels,
  projectDocuments,
  projectTables,
} from "@reactive-domain/foundation";
import { openPostgresReadModels } from "@reactive-domain/postgres";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import BetterSqlite3, { type Database } from "better-sqlite3";
import type { PoolClient } from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { Account, AccountOpened, AmountDeposited, AmountWithdrawn, banking } from "../first-steps/account.ts";

// #region define-documents
interface Balance {
  readonly accountId: string;
  readonly owner: string;
  readonly balance: number;
}

const balanceItems = defineReadModels("balances", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", owner: "string", balance: "number" } }),
  indexes: [["balance"]],
}).holding<Balance>();

const byAccount = ({ accountId }: { readonly accountId: string }): string => accountId;

const balances = projectDocuments(balanceItems)
  .on(AccountOpened, byAccount, (_, { accountId, owner }) => ({ accountId, owner, balance: 0 }))
  .on(AmountDeposited, byAccount, (item, { amount }) => item && { ...item, balance: item.balance + amount })
  .on(AmountWithdrawn, byAccount, (item, { amount }) => item && { ...item, balance: item.balance - amount });
// #endregion

// #region tables-sqlite
const ledger = projectTables<Database>("ledger", {
  tables: ["ledger"],
  create: ({ connection, table }) =>
    connection.exec(`CREATE TABLE ${table("ledger")} (account TEXT PRIMARY KEY, owner TEXT NOT NULL, balance INTEGER NOT NULL)`),
})
  .on(AccountOpened, ({ accountId, owner }, { connection, table }) =>
    connection.prepare(`INSERT INTO ${table("ledger")} VALUES (?, ?, 0)`).run(accountId, owner),
  )
  .on(AmountDeposited, ({ accountId, amount }, { connection, table }) =>
    connection.prepare(`UPDATE ${table("ledger")} SET balance = balance + ? WHERE account = ?`).run(amount, accountId),
  );
// #endregion

// #region tables-postgres
const serverLedger = projectTables<PoolClient>("ledger", {
  tables: ["ledger"],
  create: ({ connection, table }) =>
    connection.query(`CREATE TABLE ${table("ledger")} (account text PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL)`),
  keyOf: (event, { stream }) => ("accountId" in event ? String(event.accountId) : stream),
  forget: (accountId, { connection, table }) => connection.query(`DELETE FROM ${table("ledger")} WHERE account = $1`, [accountId]),
})
  .on(AccountOpened, ({ accountId, owner }, { connection, table }) =>
    connection.query(`INSERT INTO ${table("ledger")} VALUES ($1, $2, 0)`, [accountId, owner]),
  )
  .on(AmountDeposited, ({ accountId, amount }, { connection, table }) =>
    connection.query(`UPDATE ${table("ledger")} SET balance = balance + $1 WHERE account = $2`, [amount, accountId]),
  );
// #endregion

/** A bank in which Ann holds 90. */
async function openBank() {
  const bank = connect(banking, createInMemoryStore());
  const accounts = bank.repository(Account);
  const deposit = (accountId: string, amount: number) => accounts.update(accountId, (account) => account.deposit(amount));
  const ann = new Account("a-1");
  ann.open("Ann");
  ann.deposit(100);
  ann.withdraw(10);
  await accounts.save(ann);
  return { bank, accounts, deposit };
}

/** A file of its own for a test. */
function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "reactive-domain-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, "views.db");
}

test("documents are folded by key, and read by their repository", async () => {
  const { bank } = await openBank();
  // #region run
  await using views = createInMemoryReadModels(); // or openSqliteReadModels(file), openPostgresReadModels(url)
  await using projections = createProjections(bank, views, [balances]);
  await projections.start();
  await projections.of(balances).caughtUp(); // with all that was committed before this line

  const items = await views.repository(balanceItems);
  const ann = await items.get("a-1"); // { item: { accountId: "a-1", owner: "Ann", balance: 90 }, version }
  const largest = await items.query({ sort: [{ by: "balance", direction: "desc" }], page: { size: 10 } });
  // #endregion
  expect(ann?.item).toEqual({ accountId: "a-1", owner: "Ann", balance: 90 });
  expect(largest.items).toEqual([ann?.item]);
});

test("a table in SQLite is read by whoever opens the file", async () => {
  const { bank, deposit } = await openBank();
  const file = temporaryFile();
  await using views = await openSqliteReadModels(file);
  await using projections = createProjections(bank, views, [ledger]);
  await projections.start();
  await deposit("a-1", 5);
  await projections.of(ledger).caughtUp();
  const reader = new BetterSqlite3(file, { readonly: true });
  expect(reader.prepare("SELECT * FROM ledger").all()).toEqual([{ account: "a-1", owner: "Ann", balance: 105 }]);
  reader.close();
});

test("a table in PostgreSQL is written in lanes, and mended for one key", async () => {
  const [server] = await postgresServers();
  if (server === undefined) throw new Error("There is no server.");
  const { bank, deposit } = await openBank();
  const schema = temporarySchema(server.url);
  await using views = await openPostgresReadModels(server.url, { schema });
  // #region lanes
  await using projections = createProjections(bank, views, [serverLedger], { lanes: 4 });
  await projections.start();
  // #endregion
  await deposit("a-1", 5);
  const running = projections.of(serverLedger);
  await running.caughtUp();
  expect((await running.record()).generations[0]?.lanes).toHaveLength(4);
  const sql = (statement: string) => withClient(server.url, async (client) => (await client.query(statement)).rows as readonly unknown[]);
  await sql(`UPDATE ${schema}.ledger SET balance = 0`);
  // #region rebuild-key
  const { events } = await running.rebuildKey("a-1"); // of documents the key of the item; of tables what keyOf tells
  // #endregion
  expect(events).toBe(3);
  expect(await sql(`SELECT * FROM ${schema}.ledger`)).toEqual([{ account: "a-1", owner: "Ann", balance: "105" }]);
});

test("a projection is rebuilt beside what answers, put back, and verified", async () => {
  const { bank } = await openBank();
  await using views = createInMemoryReadModels();
  await using projections = createProjections(bank, views, [balances]);
  await projections.start();
  const running = projections.of(balances);
  await running.caughtUp();
  const told: string[] = [];
  // #region rebuild
  const result = await running.rebuild({
    onProgress: ({ handled, rate, leftMs }) => told.push(`${handled} events, ${Math.round(rate)} a second, ${leftMs} ms left`),
    compare: true,
  });
  const { onlyOne, onlyOther } = result.comparison?.tables[0] ?? {}; // rows of before that are gone, and rows that are new

  await running.rollback(); // what was live before is live again, and goes on from where it was
  // #endregion
  expect(result).toMatchObject({ projection: "balances", generation: 2, handled: 3, parked: 0, isSwapped: true });
  expect([onlyOne?.count, onlyOther?.count]).toEqual([0, 0]);
  expect(told.at(-1)).toMatch(/^3 events, \d+ a second, /);
  // #region verify
  const { isEqual, tables } = await running.verify({ samples: 3 }); // the rows that differ, three of each side at most
  // #endregion
  expect(isEqual).toBe(true);
  expect(tables).toMatchObject([{ table: "balances", rows: [1, 1] }]);
});

test("what fails is tried again, parked, and replayed", async () => {
  const { bank, accounts } = await openBank();
  let isBroken = true;
  const cautious = projectDocuments(balanceItems).on(AccountOpened, byAccount, (_, { accountId, owner }) => {
    if (isBroken && owner === "Ben") throw new Error("no such owner: Ben");
    return { accountId, owner, balance: 0 };
  });
  const ben = new Account("a-2");
  ben.open("Ben");
  await accounts.save(ben);
  const views = createInMemoryReadModels();
  const told: string[] = [];
  // #region failures
  await using projections = createProjections(bank, views, [cautious], {
    failures: { attempts: 3, minDelayMs: 10, finally: "park", behindParked: "wait" },
    onFailure: ({ type, stream, attempts, isParked }) => told.push(`${type} of ${stream}: ${attempts}${isParked ? ", parked" : ""}`),
  });
  await projections.start();
  const running = projections.of(cautious);
  await running.caughtUp(); // what is parked holds nobody back

  for (const { key, state, attempts, error } of await running.parked()) told.push(`${key} ${state} (${attempts}): ${error}`);
  // …and when what was wrong is mended:
  const count = await running.replayParked({ error: "no such owner" }); // or { positions: [17] }; all without any
  // #endregion
  isBroken = false;
  expect(count).toBe(1);
  expect(told.at(-2)).toBe("AccountOpened of banking.account-a-2: 3, parked");
  expect(told.at(-1)).toBe("a-2 parked (3): Error: no such owner: Ben");
  await vi.waitFor(async () => expect(await running.parked()).toEqual([]));
  expect((await (await views.repository(balanceItems)).get("a-2"))?.item).toEqual({ accountId: "a-2", owner: "Ben", balance: 0 });
});

test("those who look are told behind the commit", async () => {
  const { bank, deposit } = await openBank();
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  const browsers = { send: vi.fn<(change: object) => void>() };
  // #region on-committed
  const shownBalances = projectDocuments(balanceItems, {
    onCommitted: ({ events }) => {
      for (const { event, context } of events) browsers.send({ event, position: context.position });
    },
  })
    .on(AccountOpened, byAccount, (_, { accountId, owner }) => ({ accountId, owner, balance: 0 }))
    .on(AmountDeposited, byAccount, (item, { amount }) => item && { ...item, balance: item.balance + amount });
  // #endregion
  await using projections = createProjections(bank, views, [shownBalances]);
  await projections.start();
  await deposit("a-1", 5);
  await projections.of(shownBalances).caughtUp();
  await vi.waitFor(() => expect(browsers.send).toHaveBeenCalledTimes(3));
  expect(browsers.send).toHaveBeenLastCalledWith({ event: expect.any(AmountDeposited), position: 3 });
  expect((await items.get("a-1"))?.item).toMatchObject({ balance: 105 });
});

test("a newer version is built beside the older one, and takes its place", async () => {
  const { bank } = await openBank();
  await using views = createInMemoryReadModels();
  {
    await using projections = createProjections(bank, views, [balances]);
    await projections.start();
    await projections.of(balances).caughtUp();
  }
  // #region versions
  const inCents = projectDocuments(balanceItems, { version: 2 })
    .on(AccountOpened, byAccount, (_, { accountId, owner }) => ({ accountId, owner, balance: 0 }))
    .on(AmountDeposited, byAccount, (item, { amount }) => item && { ...item, balance: item.balance + 100 * amount })
    .on(AmountWithdrawn, byAccount, (item, { amount }) => item && { ...item, balance: item.balance - 100 * amount });

  await using projections = createProjections(bank, views, [inCents]);
  await projections.start(); // version 1 answers until version 2 is there
  await projections.of(inCents).caughtUp();
  // #endregion
  const { generations } = await projections.of(inCents).record();
  expect(generations).toMatchObject([
    { status: "retired", version: 1 },
    { status: "live", version: 2 },
  ]);
  expect((await (await views.repository(balanceItems)).get("a-1"))?.item).toMatchObject({ balance: 9_000 });
});

test("a paused projection keeps what it has until it is resumed", async () => {
  const { bank, deposit } = await openBank();
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  await using projections = createProjections(bank, views, [balances]);
  await projections.start();
  const running = projections.of(balances);
  await running.caughtUp();
  // #region pause
  await running.pause(); // in all processes
  await deposit("a-1", 5);
  const { events } = await running.lag(); // 1: what is committed, and not here
  await running.resume();
  await running.caughtUp();
  // #endregion
  expect(events).toBe(1);
  expect((await items.get("a-1"))?.item).toMatchObject({ balance: 95 });
});
