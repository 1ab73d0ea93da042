import { createInMemoryStore, systemRuntime, version, type EventStore, type NewEvent } from "@reactive-domain/foundation";
import { openMemoryFloor } from "../../floors/store-memory.mjs";
import { compare, timed, type Work } from "../measure.ts";
import type { BenchReport, BenchRow } from "../report.ts";

const ROUNDS = 5;
const STREAMS = 1_024;
const APPENDS = 100_000;
const HISTORY = 1_000_000;
const HISTORY_WRITE = 1_000;
const DATA = '{"accountId":"account-000001","amountCents":12345}';
const METADATA = '{"correlationId":"0199b2a4-0000-7000-8000-000000000001"}';

/** What a subscription says, ours and the floor's. */
interface Message {
  readonly kind: string;
  readonly events?: readonly { readonly position: number }[] | undefined;
}

/** The in-memory store: what the port costs over a bare array and Map with the same checks. */
export async function runStoreMemorySuite(): Promise<Pick<BenchReport, "durability" | "rows">> {
  const appends = await compare({ run: appendOurs }, { run: appendFloor }, ROUNDS);
  const catchUp = await compareCatchUp();
  return {
    durability: `${createInMemoryStore().durability}; floor ${openMemoryFloor().durability}`,
    rows: [
      row("memory.append", "append 1 event, expected version checked, one after another", appends, 0.3),
      row("memory.catchup", `catch-up subscription over ${HISTORY.toLocaleString("en-US")} events, batches`, catchUp, 0.5),
    ],
  };
}

function row(id: string, name: string, rates: { readonly value: number; readonly floor: number }, target: number): BenchRow {
  const ratioToFloor = rates.value / rates.floor;
  return { id, name, unit: "events/s", ...rates, ratioToFloor, target, met: ratioToFloor >= target };
}

async function appendOurs(): ReturnType<Work["run"]> {
  await using store = createInMemoryStore();
  const appends = newAppends();
  const ms = await timed(async () => {
    for (const { stream, events, last } of appends) {
      await store.append(stream, events, { expectedVersion: last === -1 ? "noStream" : version(last) });
    }
  });
  return { units: APPENDS, ms };
}

async function appendFloor(): ReturnType<Work["run"]> {
  const floor = openMemoryFloor();
  const appends = newAppends();
  const ms = await timed(async () => {
    for (const { stream, events, last } of appends) await floor.append(stream, events, last);
  });
  return { units: APPENDS, ms };
}

async function compareCatchUp(): Promise<{ readonly value: number; readonly floor: number }> {
  await using store = createInMemoryStore();
  const floor = openMemoryFloor();
  for (let written = 0; written < HISTORY; written += HISTORY_WRITE) await writeHistory(store, floor, written);
  const follow = (subscribe: () => AsyncIterable<Message>): Work => ({
    run: async () => ({ units: HISTORY, ms: await timed(() => followToLive(subscribe())) }),
  });
  return await compare(
    follow(() => store.subscribe({ all: true })),
    follow(() => floor.subscribe()),
    ROUNDS,
  );
}

async function writeHistory(store: EventStore, floor: ReturnType<typeof openMemoryFloor>, written: number): Promise<void> {
  const stream = streamOf(written / HISTORY_WRITE);
  const events = newEvents(HISTORY_WRITE);
  const { version: last } = await store.append(stream, events, { expectedVersion: "any" });
  await floor.append(stream, events, last - HISTORY_WRITE);
}

/** Looks at every event, as any consumer does. */
async function followToLive(subscription: AsyncIterable<Message>): Promise<void> {
  let positions = 0;
  for await (const { kind, events = [] } of subscription) {
    for (const event of events) positions += event.position;
    if (kind === "live") break;
  }
  if (positions !== (HISTORY * (HISTORY - 1)) / 2) throw new Error(`The catch-up lost or repeated events: ${positions}.`);
}

interface Append {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly last: number;
}

function newAppends(): readonly Append[] {
  return Array.from({ length: APPENDS }, (_, index) => ({
    stream: streamOf(index),
    events: newEvents(1),
    last: Math.floor(index / STREAMS) - 1,
  }));
}

function newEvents(count: number): readonly NewEvent[] {
  const facts = { type: "AmountDeposited", schemaVersion: 1, contentType: "application/json", data: DATA, metadata: METADATA };
  return Array.from({ length: count }, () => ({ id: systemRuntime.ids.next(), ...facts }));
}

function streamOf(index: number): string {
  return `account-${String(index % STREAMS).padStart(6, "0")}`;
}
