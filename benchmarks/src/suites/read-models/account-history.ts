import { connect, type EventStore, type WriteItem } from "@reactive-domain/foundation";
import { Account, banking } from "../aggregates/account.ts";
import { balanceOf, historyOf } from "../aggregates/history.ts";

const ACCOUNTS = 10_000;
/** How many events an account has in a row: a log in which all accounts grow together. */
const TURN_EVENTS = 10;
const WRITE_ACCOUNTS = 50;

/** Writes so many events, the same number of each of 10,000 accounts, who take turns; a multiple of 100,000. */
export async function writeAccounts(store: EventStore, events: number): Promise<void> {
  const { streamNames } = connect(banking, store);
  let writing: Promise<unknown> = Promise.resolve();
  for (let start = 0; start < events / TURN_EVENTS; start += WRITE_ACCOUNTS) {
    const turn = Math.floor(start / ACCOUNTS);
    const items = Array.from({ length: WRITE_ACCOUNTS }, (_, index): WriteItem => {
      const id = accountId((start + index) % ACCOUNTS);
      const turnEvents = historyOf(id, TURN_EVENTS, turn * TURN_EVENTS);
      return { kind: "append", stream: streamNames.forAggregate(Account.type, id), events: turnEvents, expectedVersion: "any" };
    });
    // The next write is made while this one is committed.
    const before = writing;
    writing = store.write(items);
    await before;
  }
  await writing;
}

/** Errors where the balances are not those that so many events make. */
export function checkBalances(balances: ReadonlyMap<string, number>, events: number): void {
  const wanted = balanceOf(events / ACCOUNTS);
  const wrong = [...balances].find(([, cents]) => cents !== wanted);
  if (balances.size !== ACCOUNTS || wrong !== undefined)
    throw new Error(`Of ${balances.size} accounts, ${wrong?.[0]} holds ${wrong?.[1]} and not ${wanted}: events were lost or repeated.`);
}

function accountId(index: number): string {
  return String(index).padStart(6, "0");
}
