import { InvalidArgument } from "@reactive-domain/core";
import { createStreamNameBuilder, EventBase, type BoundedContext } from "@reactive-domain/foundation";
import { checkOptions } from "../options/check-options.ts";

/** An event with where and when it happened, as far as a read model looks at it. */
export interface PlacedEvent {
  readonly event: EventBase;
  /** The name of its stream, in place of `kind` and `id`. */
  readonly stream?: string;
  /** What it happened to: an aggregate class, or a decider. Default: something of the type `sample`. */
  readonly kind?: { readonly type: string };
  /** The id of what it happened to. Default `sample`. */
  readonly id?: string;
  /** When it was committed, not before the one above it. Default: the time of that one; of the first, the time of the specification, or the first one that is given. */
  readonly time?: Date;
}

/** An event, or an event with its place. */
export type GivenEvent = EventBase | PlacedEvent;

/** A given event with everything that a store is told. */
export interface GivenRecord {
  readonly event: EventBase;
  readonly stream: string;
  readonly aggregate: { readonly type: string; readonly id: string } | undefined;
  readonly timeMs: number;
}

const NAMES: readonly (keyof PlacedEvent)[] = ["event", "stream", "kind", "id", "time"];

/** Fills in what was left out. Errors: `invalid-argument`. */
export function recordsOf(given: readonly GivenEvent[], context: BoundedContext | undefined, nowMs: number): readonly GivenRecord[] {
  if (!Array.isArray(given)) throw new InvalidArgument("What is given", "a list of events", given);
  const placed = given.map((one: GivenEvent) => (one instanceof EventBase ? { event: one } : checkPlaced(one)));
  const firstMs = placed.find(({ time }) => time !== undefined)?.time?.getTime() ?? nowMs;
  let timeMs = Math.min(nowMs, firstMs);
  return placed.map((one, index) => {
    const { event, time } = one;
    if (time !== undefined && time.getTime() < timeMs)
      throw new InvalidArgument(`The time of event ${index + 1}`, "not before that of the event above it", time.toISOString());
    timeMs = time?.getTime() ?? timeMs;
    return Object.assign({ event, timeMs }, placeOf(one, context));
  });
}

/** Errors: `invalid-argument`. */
function checkPlaced(one: PlacedEvent): PlacedEvent {
  checkOptions("What is given", one, NAMES);
  const { event, stream, kind, id, time } = one;
  if (!(event instanceof EventBase)) throw new InvalidArgument("What is given", "a list of events, or of { event, … }", event);
  if (stream !== undefined && typeof stream !== "string") throw new InvalidArgument("stream", "the name of a stream", stream);
  if (stream !== undefined && (kind !== undefined || id !== undefined))
    throw new InvalidArgument("What is given", "with a stream, or with what the event happened to", "both");
  if (kind !== undefined && typeof kind?.type !== "string") throw new InvalidArgument("kind", "an aggregate class or a decider", kind);
  if (id !== undefined && typeof id !== "string") throw new InvalidArgument("id", "text", id);
  if (time !== undefined && !(time instanceof Date && time.getTime() >= 0)) throw new InvalidArgument("time", "a Date from 1970 on", time);
  return one;
}

/** Errors: `invalid-argument` for a kind that the context does not list. */
function placeOf(
  { stream, kind, id = "sample" }: PlacedEvent,
  context: BoundedContext | undefined,
): Pick<GivenRecord, "stream" | "aggregate"> {
  if (stream !== undefined) return { stream, aggregate: undefined };
  const type = kind?.type ?? "sample";
  const kinds: readonly { readonly type: string }[] = context?.aggregates ?? [];
  if (context !== undefined && kind !== undefined && !kinds.includes(kind))
    throw new InvalidArgument("kind", `one of the aggregates of ${context.name}`, type, "List it there.");
  const names = createStreamNameBuilder(context === undefined ? {} : { prefix: context.prefix });
  return { stream: names.forAggregate(type, id), aggregate: { type, id } };
}
