import { boundedContext, defineListing, defineReadModels, Event, projectDocuments, projectTables } from "@reactive-domain/foundation";

class Entered extends Event("Entered")<{ account: string; amount: number }> {}
class Noted extends Event("Noted")<{ text: string }> {}

export const ledger = boundedContext("ledger", { aggregates: [], events: [Entered, Noted] });

interface Balance {
  readonly account: string;
  readonly balance: number;
}

const balanceItems = defineReadModels("balances", {
  listing: defineListing({ key: "account", fields: { account: "string", balance: "number" } }),
}).holding<Balance>();

/** An environment that has 13 bring bad luck, or each event take its time. */
const { LEDGER_FAILS, LEDGER_WORK_MS = "0" } = process.env;

export const balances = projectDocuments(balanceItems).on(
  Entered,
  ({ account }) => account,
  (item, { account, amount }) => {
    if (process.env["LEDGER_FAILS"] === "yes" && amount === 13) throw new Error("bad luck");
    return { account, balance: (item?.balance ?? 0) + amount };
  },
);
