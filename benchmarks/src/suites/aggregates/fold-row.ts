import {
  createInMemoryStore,
  createJsonEventSerializer,
  deserializeAll,
  version,
  type EventSerializer,
  type RecordedEvent,
} from "@reactive-domain/foundation";
import { foldPlain } from "../../../floors/aggregates-fold.mjs";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { rowOf } from "../row-of.ts";
import { Account, ACCOUNT_EVENTS } from "./account.ts";
import { balanceOf, historyOf } from "./history.ts";

const ROUNDS = 7;
const AGGREGATES = 10_000;
const EVENTS = 100;
const TARGET = 0.55;

interface History {
  readonly id: string;
  readonly recorded: readonly RecordedEvent[];
  readonly plain: readonly { readonly type: string; readonly data: string }[];
}

/** Recorded events to instances to state, in memory, beside `JSON.parse` and a switch. */
export async function foldRow(): Promise<BenchRow> {
  const histories = await readHistories();
  const serializer = createJsonEventSerializer(ACCOUNT_EVENTS);
  const ours = folding(histories, (history) => foldInstances(serializer, history));
  const floor = folding(histories, ({ plain }) => foldPlain(plain));
  const rates = await compare(ours, floor, ROUNDS);
  const name = `fold ${AGGREGATES.toLocaleString("en-US")} aggregates of ${EVENTS} events`;
  return rowOf({ id: "aggregate.fold", name, unit: "events/s", ...rates, target: TARGET });
}

function folding(histories: readonly History[], fold: (history: History) => { readonly balanceCents: number }): Work {
  return {
    run: async () => {
      let cents = 0;
      const ms = await timed(() => {
        for (const history of histories) cents += fold(history).balanceCents;
      });
      if (cents !== AGGREGATES * balanceOf(EVENTS)) throw new Error(`The accounts hold ${cents} cents; events were lost or repeated.`);
      return { units: AGGREGATES * EVENTS, ms };
    },
  };
}

function foldInstances(serializer: EventSerializer, { id, recorded }: History): Account {
  const events = deserializeAll(serializer, recorded);
  if (events instanceof Promise) throw new TypeError("The serializer is measured where it answers at once.");
  const account = new Account(id);
  account.restoreFromEvents(events, version(recorded.length - 1));
  return account;
}

/** As a store gives them back. */
async function readHistories(): Promise<readonly History[]> {
  await using store = createInMemoryStore();
  const histories: History[] = [];
  for (let index = 0; index < AGGREGATES; index++) {
    const id = `account-${index}`;
    await store.append(id, historyOf(id, EVENTS), { expectedVersion: "noStream" });
    const recorded: RecordedEvent[] = [];
    for await (const { events } of store.read({ stream: id }).batches()) recorded.push(...events);
    histories.push({ id, recorded, plain: recorded.map(({ type, data }) => ({ type, data: data as string })) });
  }
  return histories;
}
