import type { EventStore } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";
import { inColumns } from "../in-columns.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";

export interface ListStreamsOptions {
  /** Only streams whose name begins so. */
  readonly prefix?: string;
  /** The most streams to list, in the order of their names. */
  readonly limit?: number;
  readonly json?: boolean;
}

interface StreamCount {
  readonly stream: string;
  readonly category: string;
  readonly events: number;
  /** That of its last event. */
  readonly version: number;
}

const BATCH_EVENTS = 1_000;

/** Lists the streams of a store by name, with the number of their events and their version. Reads the whole log: the port does not list streams. */
export async function listStreams(store: EventStore, options: ListStreamsOptions, output: Output): Promise<void> {
  const counts = [...(await countEvents(store, options.prefix)).values()].toSorted(byName).slice(0, options.limit);
  await output.write(options.json === true ? counts.map((count) => JSON.stringify(count)) : asTable(counts));
}

async function countEvents(store: EventStore, prefix: string | undefined): Promise<ReadonlyMap<string, StreamCount>> {
  const counts = new Map<string, StreamCount>();
  const filter = prefix === undefined ? {} : { filter: { streamPrefix: prefix } };
  for await (const { events } of store.read({ all: true }, { ...filter, maxBatchEvents: BATCH_EVENTS }).batches()) {
    for (const { stream, version } of events) {
      counts.set(stream, { stream, category: categoryOf(stream), events: (counts.get(stream)?.events ?? 0) + 1, version });
    }
  }
  return counts;
}

function byName(one: StreamCount, other: StreamCount): number {
  return one.stream < other.stream ? -1 : 1;
}

function asTable(counts: readonly StreamCount[]): readonly string[] {
  const rows = counts.map(({ events, version, stream }) => [String(events), String(version), printable(stream)]);
  return inColumns([["EVENTS", "VERSION", "STREAM"], ...rows], 2);
}
