import { createServer } from "node:net";
import { boundedContext, defineListing, defineReadModels, Event, projectDocuments, projectTables } from "@reactive-domain/foundation";

class Entered extends Event("Entered")<{ account: string; amount: number }> {}
class Noted extends Event("Noted")<{ text: string }> {}

export const ledger = boundedContext("ledger", { aggregates: [], events: [Entered, Noted] });

/** Goes on for as long as the process does. */
export const server = createServer().listen(0, "127.0.0.1");

interface Balance {
  readonly account: string;
  readonly balance: number;
}

const balanceItems = defineReadModels("balances", {
  listing: defineListing({ key: "account", fields: { account: "string", balance: "number" } }),
}).holding<Balance>();

const pause = new Int32Array(new SharedArrayBuffer(4));

/** The environment says what goes otherwise than before: an amount that fails, what each entry is raised by, and how long it takes. */
function meddled(amount: number): number {
  const { LEDGER_FAILS_AT, LEDGER_RAISE = "0", LEDGER_WORK_MS = "0" } = process.env;
  if (String(amount) === LEDGER_FAILS_AT) throw new Error("bad luck");
  if (LEDGER_WORK_MS !== "0") Atomics.wait(pause, 0, 0, Number(LEDGER_WORK_MS));
  return amount + Number(LEDGER_RAISE);
}

export const projections = [
  projectDocuments(balanceItems).on(
    Entered,
    ({ account }) => account,
    (item, { account, amount }) => ({ account, balance: (item?.balance ?? 0) + meddled(amount) }),
  ),
];

/** What this needs of `better-sqlite3`. */
interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: readonly unknown[]): unknown };
}

export const totals = projectTables<Connection>("totals", {
  tables: ["totals"],
  create: ({ connection, table }) =>
    connection.exec(`CREATE TABLE ${table("totals")} (account TEXT PRIMARY KEY, entries INTEGER NOT NULL)`),
}).on(Entered, ({ account }, { connection, table }) =>
  connection.prepare(`INSERT INTO ${table("totals")} VALUES (?, 1) ON CONFLICT (account) DO UPDATE SET entries = entries + 1`).run(account),
);
