import { derivedId, position, textOf, version, withRuntime, type Position } from "@reactive-domain/core";
import {
  classOf,
  createInMemoryStore,
  metadataOf,
  type BoundedContext,
  type EventBase,
  type EventFeed,
  type EventSerializer,
  type EventStore,
  type NewEvent,
} from "@reactive-domain/foundation";
import { recordedEvent, serializationContextOf } from "@reactive-domain/persistence";
import { VirtualTime } from "../runtime/virtual-time.ts";
import { failure } from "../specification/failure.ts";
import { givenIds } from "../specification/fixed-runtime.ts";
import { isSameData } from "../specification/same-data.ts";
import { payloadOf, shown } from "../specification/shown.ts";
import type { GivenRecord } from "./given-event.ts";
import { GivenSerializer, serializerFor } from "./given-serializer.ts";

/** A given event as a store takes it. */
interface StoredRecord {
  readonly stream: string;
  readonly timeMs: number;
  readonly event: NewEvent;
}

/** What is given, and the context that has to keep it. */
interface Given {
  readonly records: readonly GivenRecord[];
  readonly context: BoundedContext | undefined;
}

/** Given events, ready to be committed to any number of stores. */
export interface History {
  readonly stored: readonly StoredRecord[];
  readonly serializer: GivenSerializer;
}

/** Turns given events into what a store takes. Errors: an `AssertionError` for what the context does not keep as it is. */
export async function historyOf({ records, context }: Given, title: string): Promise<History> {
  const inner = serializerFor(context);
  const stored: StoredRecord[] = [];
  const ids = new Set<string>();
  for (const [index, record] of records.entries()) {
    const own = withRuntime({ ids: givenIds }, () => metadataOf(record.event).id);
    // One event may be given twice.
    const id = ids.has(own) ? derivedId(own, record.stream, index) : own;
    ids.add(id);
    const name = `event ${index + 1} (${classOf(record.event).type})`;
    stored.push({ stream: record.stream, timeMs: record.timeMs, event: await keep({ ...record, id, title, name }, inner) });
  }
  return { stored, serializer: new GivenSerializer(inner) };
}

type NamedRecord = GivenRecord & { readonly id: string; readonly title: string; readonly name: string };

async function keep(record: NamedRecord, serializer: EventSerializer): Promise<NewEvent> {
  const { event, title, name } = record;
  const { stored, read } = await storeAndRead(record, serializer);
  if (read.length === 1 && isSameData(payloadOf(read[0] as EventBase), payloadOf(event))) return stored;
  const [given, got] = [payloadOf(event), read.map((one) => payloadOf(one))];
  const sections = { Given: `  ${shown(given)}`, Read: `  ${got.map((one) => shown(one)).join(", ") || "nothing"}` };
  throw failure({ title, problem: `${name} is not read as it was given.`, sections, actual: got, expected: [given] });
}

async function storeAndRead({ event, stream, aggregate, timeMs, id, title, name }: NamedRecord, serializer: EventSerializer) {
  try {
    const destination = aggregate === undefined ? { stream } : { stream, aggregate };
    const stored = { ...(await serializer.serialize(event, { ...serializationContextOf(event, destination), eventId: id })), id };
    const place = { stream, version: version(0), position: position(0), time: new Date(timeMs) };
    return { stored, read: await serializer.deserialize(recordedEvent({ ...place, ...stored })) };
  } catch (error) {
    throw failure({ title, problem: `${name} could not be saved: ${textOf(error)}`, cause: error });
  }
}

/** A store in which given events are committed, one after another, each at its time. */
export class GivenLog {
  readonly feed: EventFeed;
  readonly #history: History;
  readonly #store: EventStore;
  readonly #time: VirtualTime;
  #committed = 0;

  constructor(history: History) {
    this.#history = history;
    this.#time = new VirtualTime(history.stored[0]?.timeMs ?? 0);
    this.#store = withRuntime({ clock: this.#time }, () => createInMemoryStore());
    this.feed = { name: "what is given", source: { all: true }, filter: undefined, store: this.#store, serializer: history.serializer };
  }

  /** A store with all of them. */
  static async of(history: History): Promise<GivenLog> {
    const log = new GivenLog(history);
    while ((await log.commitNext()) !== undefined);
    return log;
  }

  /** Commits the next event, and tells its position; `undefined` when there is none. */
  async commitNext(): Promise<Position | undefined> {
    const next = this.#history.stored[this.#committed++];
    if (next === undefined) return undefined;
    this.#time.moveTo(next.timeMs);
    const { position: committed } = await this.#store.append(next.stream, [next.event], { expectedVersion: "any" });
    return committed;
  }
}
