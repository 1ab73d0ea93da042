import { connect, type EventStore } from "@reactive-domain/foundation";
import { timed, type Work } from "../../measure.ts";
import { Account, banking } from "./account.ts";
import { balanceOf, historyOf } from "./history.ts";

const STREAMS = 10_000;
export const STREAM_EVENTS = 10;
const WRITE_STREAMS = 500;
/** Every next stream lies far from the last. */
const STEP = 7_919;

/** How many loads, and how many of them at a time. */
export interface Loads {
  readonly count: number;
  readonly callers: number;
}

/** Writes the streams that are loaded. */
export async function writeStreams(store: EventStore): Promise<void> {
  const { streamNames } = connect(banking, store);
  for (let start = 0; start < STREAMS; start += WRITE_STREAMS) {
    const ids = Array.from({ length: WRITE_STREAMS }, (_, index) => accountId(start + index));
    await Promise.all(
      ids.map((id) =>
        store.append(streamNames.forAggregate(Account.type, id), historyOf(id, STREAM_EVENTS), { expectedVersion: "noStream" }),
      ),
    );
  }
}

/** Aggregates by a repository. */
export function loadingAccounts(store: EventStore, loads: Loads): Work {
  const accounts = connect(banking, store).repository(Account);
  return {
    run: async () => {
      let cents = 0;
      const ms = await callEach(loads, async (index) => {
        const account = await accounts.getById(accountId(index));
        cents += account.balanceCents;
      });
      if (cents !== loads.count * balanceOf(STREAM_EVENTS)) throw new Error(`The accounts that were loaded hold ${cents} cents.`);
      return { units: loads.count, ms };
    },
  };
}

/** The same streams by the store alone: batches of recorded events, of which nothing is deserialised. */
export function readingStreams(store: EventStore, loads: Loads): Work {
  const { streamNames } = connect(banking, store);
  return {
    run: async () => {
      let count = 0;
      const ms = await callEach(loads, async (index) => {
        const stream = streamNames.forAggregate(Account.type, accountId(index));
        for await (const { events } of store.read({ stream }).batches()) count += events.length;
      });
      if (count !== loads.count * STREAM_EVENTS) throw new Error(`${count} events were read from ${loads.count} streams.`);
      return { units: loads.count, ms };
    },
  };
}

/** The milliseconds of all calls; each caller waits for its call before it makes the next. */
function callEach({ count, callers }: Loads, call: (index: number) => Promise<void>): Promise<number> {
  const run = async (caller: number): Promise<void> => {
    for (let index = caller; index < count; index += callers) await call((index * STEP) % STREAMS);
  };
  return timed(() => Promise.all(Array.from({ length: callers }, (_, caller) => run(caller))));
}

function accountId(index: number): string {
  return String(index).padStart(6, "0");
}
