import type { AppendItem, CheckpointItem, SettleItem, SnapshotItem, WriteItem, WriteResult } from "@reactive-domain/persistence";

/** An event of the model's log. */
export interface ModelEvent {
  readonly stream: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
}

interface ModelStream {
  readonly last: number;
  readonly deletedBefore: number;
  readonly isTombstoned: boolean;
}

/** What writes leave behind: the simplest store there can be. It is a value. */
export interface WriteModel {
  readonly log: readonly ModelEvent[];
  readonly streams: ReadonlyMap<string, ModelStream>;
  readonly checkpoints: ReadonlyMap<string, number>;
  readonly snapshots: ReadonlyMap<string, Pick<SnapshotItem, "version" | "schemaVersion" | "hash">>;
  /** The deliveries that are held, by position, with their tokens. */
  readonly held: ReadonlyMap<number, number>;
  readonly parked: ReadonlySet<number>;
}

/** What a write comes to, and the answers that are right: several where several items are in conflict. */
export interface Outcome {
  readonly model: WriteModel;
  readonly answers: readonly string[];
}

const NO_STREAM: ModelStream = { last: -1, deletedBefore: 0, isTombstoned: false };

export const EMPTY: WriteModel = {
  log: [],
  streams: new Map(),
  checkpoints: new Map(),
  snapshots: new Map(),
  held: new Map(),
  parked: new Set(),
};

/** All that is looked at in a result. */
export function resultText({ streams, repeated }: Pick<WriteResult, "streams" | "repeated">): string {
  return [repeated ? "repeated" : "done", ...streams.map(({ stream, version, position }) => `${stream}@${version}/${position}`)].join(" ");
}

export function refusalText(code: string, actual?: number | null): string {
  return actual === undefined ? code : `${code}: ${actual ?? -1}`;
}

/** The version of a stream as its writers see it; -1 for none. */
function versionOf(model: WriteModel, stream: string): number {
  const { last, deletedBefore } = model.streams.get(stream) ?? NO_STREAM;
  return last < deletedBefore ? -1 : last;
}

/** One write after what the model has seen. */
export function write(model: WriteModel, items: readonly WriteItem[]): Outcome {
  const appends = items.filter((item): item is AppendItem => item.kind === "append");
  const found = appends.map(({ stream, events }) =>
    events.map(({ id }) => model.log.find((event) => event.stream === stream && event.id === id)),
  );
  if (found.length > 0 && found.every(isRun)) return repeat(model, items, found);
  if (found.flat().some((event) => event !== undefined)) return { model, answers: ["event-already-recorded"] };
  const added = appends.reduce((sum, { events }) => sum + events.length, 0);
  const refusals = items.flatMap((item) => streamRefusal(model, item) ?? progressRefusal(model, item, added) ?? []);
  if (refusals.length > 0) return { model, answers: refusals };
  const next = items.reduce(doItem, model);
  const lasts = appends.map(({ stream }) => next.log.findLast((event) => event.stream === stream) as ModelEvent);
  return { model: next, answers: [textOf(lasts, false)] };
}

/** Of a write whose events are there only progress is made, as far as it was not. */
function repeat(model: WriteModel, items: readonly WriteItem[], found: readonly (readonly (ModelEvent | undefined)[])[]): Outcome {
  const left = items.flatMap((item): readonly WriteItem[] => {
    if (item.kind === "checkpoint") return (model.checkpoints.get(item.name) ?? null) === item.expected ? [item] : [];
    if (item.kind !== "settle") return [];
    return [{ ...item, deliveries: item.deliveries.filter(({ position, fence }) => model.held.get(position) === fence) }];
  });
  const refusals = left.flatMap((item) => progressRefusal(model, item, 0) ?? []);
  if (refusals.length > 0) return { model, answers: refusals };
  return { model: left.reduce(doItem, model), answers: [textOf(found.map((events) => events.at(-1)) as readonly ModelEvent[], true)] };
}

function textOf(lasts: readonly ModelEvent[], repeated: boolean): string {
  return resultText({ streams: lasts, repeated } as unknown as WriteResult);
}

function streamRefusal(model: WriteModel, item: WriteItem): string | undefined {
  if (!("expectedVersion" in item)) return undefined;
  if (model.streams.get(item.stream)?.isTombstoned === true) return item.kind === "tombstone" ? undefined : "stream-tombstoned";
  const actual = versionOf(model, item.stream);
  const { expectedVersion: expected } = item;
  const isRight = { any: true, noStream: actual < 0, exists: actual >= 0 }[String(expected)] ?? expected === actual;
  return isRight ? undefined : refusalText("wrong-expected-version", actual);
}

function progressRefusal(model: WriteModel, item: WriteItem, added: number): string | undefined {
  if (item.kind === "settle") {
    return item.deliveries.every(({ position, fence }) => model.held.get(position) === fence) ? undefined : "delivery-lost";
  }
  if (item.kind !== "checkpoint") return undefined;
  const actual = model.checkpoints.get(item.name) ?? null;
  if (actual !== item.expected) return refusalText("wrong-checkpoint", actual);
  return (item.position ?? -1) > model.log.length - 1 + added ? "ahead-of-log" : undefined;
}

function doItem(model: WriteModel, item: WriteItem): WriteModel {
  switch (item.kind) {
    case "append":
      return append(model, item);
    case "delete":
    case "tombstone":
      return remove(model, item.stream, item.kind === "tombstone");
    case "checkpoint":
      return moveCheckpoint(model, item);
    case "settle":
      return settle(model, item);
    case "snapshot": {
      const before = model.snapshots.get(item.name);
      const isBehind = before !== undefined && before.schemaVersion === item.schemaVersion && before.version > item.version;
      const isDeleted = item.version < (model.streams.get(item.name) ?? NO_STREAM).deletedBefore;
      return isBehind || isDeleted ? model : { ...model, snapshots: new Map([...model.snapshots, [item.name, item]]) };
    }
    default:
      return model;
  }
}

function append(model: WriteModel, { stream, events }: AppendItem): WriteModel {
  const before = model.streams.get(stream) ?? NO_STREAM;
  const added = events.map(({ id }, index) => ({ stream, id, version: before.last + 1 + index, position: model.log.length + index }));
  const streams = new Map([...model.streams, [stream, { ...before, last: before.last + events.length }]]);
  return { ...model, log: [...model.log, ...added], streams };
}

function remove(model: WriteModel, stream: string, isTombstone: boolean): WriteModel {
  const before = model.streams.get(stream) ?? NO_STREAM;
  const after = { ...before, deletedBefore: before.last + 1, isTombstoned: before.isTombstoned || isTombstone };
  const snapshots = new Map([...model.snapshots].filter(([name]) => name !== stream));
  return { ...model, streams: new Map([...model.streams, [stream, after]]), snapshots };
}

function moveCheckpoint(model: WriteModel, { name, position }: CheckpointItem): WriteModel {
  const checkpoints = new Map(model.checkpoints);
  if (position === null) checkpoints.delete(name);
  else checkpoints.set(name, position);
  return { ...model, checkpoints };
}

function settle(model: WriteModel, { deliveries }: SettleItem): WriteModel {
  const held = new Map(model.held);
  for (const { position } of deliveries) held.delete(position);
  const parked = deliveries.flatMap(({ position, outcome }) => (outcome === "park" ? [position as number] : []));
  return { ...model, held, parked: new Set([...model.parked, ...parked]) };
}

/** Whether all were found, one behind the other. */
function isRun(events: readonly (ModelEvent | undefined)[]): boolean {
  return events.every((event, index) => event !== undefined && event.version === (events[0]?.version ?? 0) + index);
}
