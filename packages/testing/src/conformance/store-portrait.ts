import type { EventFilter, EventStore, ReadSource } from "@reactive-domain/persistence";
import { batchesOf } from "./reading.ts";

const STREAMS = [
  "account-0",
  "account-1",
  "account-2",
  "bytes-1",
  "gone-1",
  "again-1",
  "barred-1",
  "barred-2",
  "cut-1",
  "unborn-1",
  "last-1",
  "nobody-1",
  "$$account-1",
];
const SOURCES: readonly ReadSource[] = [
  { all: true },
  ...["account", "bytes", "gone", "last", "$$account"].map((category) => ({ category })),
  ...["Sent", "Received", "AmountDeposited", "$metadata"].map((eventType) => ({ eventType })),
  ...STREAMS.map((stream) => ({ stream })),
];
const FILTERS: readonly (EventFilter | undefined)[] = [
  undefined,
  { types: ["Sent", "Received"] },
  { categories: ["account", "again"] },
  { streamPrefix: "account-1" },
  { correlationId: "c-1" },
];

/** All that a store tells through its port of what {@link fillStore} puts into it, as plain data. */
export async function portraitOf(store: EventStore): Promise<Readonly<Record<string, unknown>>> {
  const portrait: Record<string, unknown> = {};
  for (const source of SOURCES) {
    for (const direction of ["forwards", "backwards"] as const) {
      for (const filter of FILTERS) {
        const read = store.read(source, { direction, maxBatchEvents: 4, ...(filter && { filter }) });
        portrait[JSON.stringify([source, direction, filter])] = await pagesOf(read);
      }
    }
  }
  for (const stream of STREAMS) portrait[`stream ${stream}`] = { ...(await store.streamInfo(stream)) };
  return { ...portrait, ...(await progressOf(store)) };
}

async function pagesOf(read: ReturnType<EventStore["read"]>): Promise<unknown> {
  const batches = await batchesOf(read);
  // How far a page looks is a store's own affair; what it gives, and where the end is, is not.
  const events = batches.flatMap((batch) => batch.events.map((event) => event.toJSON()));
  const last = batches.at(-1);
  return { events, next: last?.next, head: last?.head, lastVersion: last?.lastVersion };
}

async function progressOf(store: EventStore): Promise<Readonly<Record<string, unknown>>> {
  const { gaps } = store;
  const progress: Record<string, unknown> = {};
  if (gaps.snapshots === undefined)
    for (const name of ["account-1", "picture", "nothing"]) progress[`snapshot ${name}`] = await store.snapshot(name);
  if (gaps.checkpoints === undefined)
    for (const name of ["statements", "unguarded", "nothing"]) progress[`checkpoint ${name}`] = await store.checkpoint(name);
  if (gaps.consumerGroups !== undefined) return progress;
  const groups = await store.groups.list();
  for (const { name } of groups) {
    const parked = await store.groups.parked(name);
    progress[`parked of ${name}`] = parked.map(({ event, error, attempts, parkedAt }) => ({
      event: event.toJSON(),
      error,
      attempts,
      parkedAt,
    }));
  }
  return { ...progress, groups };
}
