import { join } from "node:path";
import type { EventStore, RecordedEvent } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { openReadFloor } from "../../../floors/store-sqlite-read.mjs";
import { compare, timed, type Work } from "../../measure.ts";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { FACTS, newEvents } from "../new-appends.ts";
import { rowOf } from "../row-of.ts";

const ROUNDS = 5;
const HISTORY = 1_000_000;
const STREAM_EVENTS = 10;
const WRITE_STREAMS = 100;
const READS = 20_000;
/** What a batch has unless its reader says so; the floor's pages are as large. */
const PAGE_EVENTS = 250;
const AMOUNT = (JSON.parse(FACTS.data) as { readonly amountCents: number }).amountCents;

type Floor = ReturnType<typeof openReadFloor>;

/** Reading from a log of {@link HISTORY} events in streams of {@link STREAM_EVENTS}. */
export async function readRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, "store.db");
    await using store = await openSqliteStore(file);
    await writeHistory(store);
    const floor = openReadFloor(file);
    const scan = { run: () => scanFloor(floor) };
    const reads = await compare(readStreams(store), readFloor(floor), ROUNDS);
    const events = await compare(catchUp(store, byEvent), scan, ROUNDS);
    const batches = await compare(catchUp(store, byBatch), scan, ROUNDS);
    const catchUpName = "catch-up subscription over 1,000,000 events";
    const rows = [
      rowOf({ id: "sqlite.read.10", name: "read streams of 10 events", unit: "streams/s", ...reads, target: 0.75 }),
      rowOf({ id: "sqlite.catchup", name: `${catchUpName}, event by event`, unit: "events/s", ...events, target: 0.7 }),
      rowOf({ id: "sqlite.catchup.batches", name: `${catchUpName}, batches`, unit: "events/s", ...batches, target: 0.85 }),
    ];
    floor.close();
    return rows;
  });
}

async function writeHistory(store: EventStore): Promise<void> {
  for (let stream = 0; stream < HISTORY / STREAM_EVENTS; stream += WRITE_STREAMS) {
    const streams = Array.from({ length: WRITE_STREAMS }, (_, index) => nameOf(stream + index));
    await Promise.all(streams.map((name) => store.append(name, newEvents(STREAM_EVENTS), { expectedVersion: "noStream" })));
  }
}

function readStreams(store: EventStore): Work {
  return reading(async (name) => {
    let amount = 0;
    for await (const event of store.read({ stream: name })) amount += amountOf(event);
    return amount;
  });
}

function readFloor(floor: Floor): Work {
  return reading(async (name) => {
    let amount = 0;
    for (const data of floor.read(name)) amount += data.amountCents;
    return amount;
  });
}

/** Streams from all over the log, one after another. */
function reading(read: (name: string) => Promise<number>): Work {
  return {
    run: async () => {
      let amount = 0;
      const ms = await timed(async () => {
        for (let index = 0; index < READS; index++) amount += await read(nameOf((index * 7_919) % (HISTORY / STREAM_EVENTS)));
      });
      check(amount, READS * STREAM_EVENTS);
      return { units: READS, ms };
    },
  };
}

function catchUp(store: EventStore, follow: (store: EventStore) => Promise<number>): Work {
  return {
    run: async () => {
      let amount = 0;
      const ms = await timed(async () => {
        amount = await follow(store);
      });
      check(amount, HISTORY);
      return { units: HISTORY, ms };
    },
  };
}

async function byEvent(store: EventStore): Promise<number> {
  let [amount, seen] = [0, 0];
  for await (const event of store.subscribe({ all: true }).events()) {
    amount += amountOf(event);
    if (++seen === HISTORY) break;
  }
  return amount;
}

async function byBatch(store: EventStore): Promise<number> {
  let amount = 0;
  for await (const message of store.subscribe({ all: true })) {
    if (message.kind === "live") break;
    for (const event of message.events) amount += amountOf(event);
  }
  return amount;
}

async function scanFloor(floor: Floor): ReturnType<Work["run"]> {
  let amount = 0;
  const ms = await timed(() =>
    floor.scan(PAGE_EVENTS, (data) => {
      amount += data.amountCents;
    }),
  );
  check(amount, HISTORY);
  return { units: HISTORY, ms };
}

/** Looks at the data of an event, as any consumer does. */
function amountOf({ data }: RecordedEvent): number {
  return (JSON.parse(data as string) as { readonly amountCents: number }).amountCents;
}

function check(amount: number, events: number): void {
  if (amount !== events * AMOUNT) throw new Error(`Reading lost or repeated events: ${amount} where ${events * AMOUNT} was written.`);
}

function nameOf(stream: number): string {
  return `account-${String(stream).padStart(6, "0")}`;
}
