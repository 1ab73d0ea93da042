import { setTimeout as sleep } from "node:timers/promises";
import type { Version } from "@reactive-domain/core";
import { derivedId } from "@reactive-domain/core";
import type { AppendItem, NewEvent, WriteItem } from "@reactive-domain/persistence";
import { newEvent, SHARED_STREAMS, type Category } from "../workload.ts";
import type { Caller, Desk } from "./desk.ts";

const LONGEST_PAUSE_MS = 8;
const LARGE_CHANCE = 0.01;
const LARGE_BYTES = 40_000;
const SMALL_BYTES = 400;
const SNAPSHOT_CHANCE = 0.1;
/** In a name-based id there is no time: a namespace keeps the callers of different runs apart. */
const NAMESPACE = "torture";

/** The events of a caller's next write: their ids and keys follow from it. */
export function eventsOf(caller: Caller, category: Category, count: number, seed: number): readonly NewEvent[] {
  const write = caller.nextId;
  return Array.from({ length: count }, (_, index) => {
    const padding = "x".repeat(caller.random.integer(0, caller.random.chance(LARGE_CHANCE) ? LARGE_BYTES : SMALL_BYTES));
    return newEvent(category, derivedId(`${NAMESPACE}-${seed}`, write, index), { key: `${write}/${index}`, padding });
  });
}

export async function pause(caller: Caller): Promise<void> {
  await sleep(caller.random.integer(0, LONGEST_PAUSE_MS));
}

/** Appends to a stream of its own, always with its exact version, sometimes with a snapshot. */
export async function runStreamWriter(desk: Desk, category: "entry" | "order", index: number): Promise<void> {
  const caller = desk.caller(`${category}-${index}`);
  const stream = `${category}-${desk.orders.slot}${index}`;
  await caller.repeat();
  let { lastVersion } = await desk.store.streamInfo(stream);
  while (!desk.orders.isLast) {
    const events = eventsOf(caller, category, caller.random.integer(1, 3), desk.orders.seed);
    const append: AppendItem = { kind: "append", stream, expectedVersion: lastVersion ?? "noStream", events };
    const outcome = await caller.write(caller.random.chance(SNAPSHOT_CHANCE) ? [append, snapshotAfter(append, lastVersion)] : [append]);
    if ("refused" in outcome) throw new Error(`The only writer of ${stream} was refused: ${outcome.refused}, expecting ${lastVersion}.`);
    lastVersion = outcome.result.streams[0]?.version ?? lastVersion;
    await pause(caller);
  }
}

function snapshotAfter({ stream, events }: AppendItem, lastVersion: Version | null): WriteItem {
  const id = events.at(-1)?.id ?? "";
  const version = (lastVersion ?? -1) + events.length;
  return {
    kind: "snapshot",
    name: stream,
    version,
    schemaVersion: 1,
    hash: id,
    contentType: "application/json",
    data: JSON.stringify({ id }),
  };
}

/** Writes to several streams at once that others write, too; now and then it believes a version that it cannot know. */
export async function runTransfers(desk: Desk, index: number): Promise<void> {
  const caller = desk.caller(`transfer-${index}`);
  await caller.repeat();
  while (!desk.orders.isLast) {
    const first = caller.random.integer(0, SHARED_STREAMS - 1);
    const events = eventsOf(caller, "transfer", caller.random.integer(2, 4), desk.orders.seed);
    const guess = caller.random.chance(0.1) ? (caller.random.integer(0, 200) as Version) : "any";
    await caller.write(
      events.map((event, ordinal) => ({
        kind: "append",
        stream: `transfer-${(first + ordinal) % SHARED_STREAMS}`,
        expectedVersion: ordinal === 0 ? guess : "any",
        events: [event],
      })),
    );
    await pause(caller);
  }
}
