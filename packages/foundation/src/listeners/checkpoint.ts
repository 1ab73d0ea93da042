import { InvalidArgument, type Position, type Version } from "@reactive-domain/core";
import type { RecordedEvent } from "@reactive-domain/persistence";
import type { EventFeed } from "./event-feed.ts";

/** The last event of a feed that was handled, or behind which it went on. Going on from a checkpoint gives what lies behind it. */
export interface Checkpoint {
  /** The feed that the events were delivered on, by its name. */
  readonly feed: string;
  /** The event's number in its stream, for a feed of one stream; `null` for other feeds, where it is not known, and before anything was delivered. */
  readonly version: Version | null;
  /** The event's place in the log; `null` where it is not known, and before anything was delivered. */
  readonly position: Position | null;
}

/** How far one set of checkpoints is, seen from another. */
export type CheckpointOrder = "equal" | "before" | "after" | "concurrent";

/**
 * Compares how far two sets of checkpoints are, feed by feed: by versions where both have one, else by positions. A feed that a set does not have is one that it has nothing
 * of; no set at all is the empty one. Sets of which each has something that the other has not are concurrent; so are places that cannot be compared.
 *
 * Errors: `invalid-argument` for what is no list of checkpoints.
 */
export function compareCheckpoints(
  one: readonly Checkpoint[] | null | undefined,
  other: readonly Checkpoint[] | null | undefined,
): CheckpointOrder {
  const [first, second] = [placesIn(one), placesIn(other)];
  let order: CheckpointOrder = "equal";
  for (const feed of new Set([...first.keys(), ...second.keys()])) {
    const next = comparePlaces(first.get(feed) ?? NOWHERE, second.get(feed) ?? NOWHERE);
    if (next === "equal") continue;
    if (order !== "equal" && order !== next) return "concurrent";
    order = next;
  }
  return order;
}

type Place = Pick<Checkpoint, "version" | "position">;

const NOWHERE: Place = { version: null, position: null };

/** Of a feed that a set has more than once, the place that is the least far. */
function placesIn(checkpoints: readonly Checkpoint[] | null | undefined): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  if (checkpoints === null || checkpoints === undefined) return places;
  if (!Array.isArray(checkpoints)) throw new InvalidArgument("checkpoints", "a list of checkpoints", checkpoints);
  for (const checkpoint of checkpoints as readonly Checkpoint[]) {
    checkCheckpoint(checkpoint);
    const known = places.get(checkpoint.feed);
    if (known === undefined || comparePlaces(checkpoint, known) === "before") places.set(checkpoint.feed, checkpoint);
  }
  return places;
}

function comparePlaces(one: Place, other: Place): CheckpointOrder {
  if (isNowhere(one) || isNowhere(other)) return compareNumbers(isNowhere(one) ? 0 : 1, isNowhere(other) ? 0 : 1);
  if (one.version !== null && other.version !== null) return compareNumbers(one.version, other.version);
  if (one.position !== null && other.position !== null) return compareNumbers(one.position, other.position);
  return "concurrent";
}

function compareNumbers(one: number, other: number): CheckpointOrder {
  if (one === other) return "equal";
  return one < other ? "before" : "after";
}

/** The checkpoint of a feed behind one of its events. */
export function checkpointAt({ version, position }: Pick<RecordedEvent, "version" | "position">, { name, source }: EventFeed): Checkpoint {
  return { feed: name, version: "stream" in source ? version : null, position };
}

/** Whether it covers nothing. */
export function isNowhere({ version, position }: Place): boolean {
  return version === null && position === null;
}

/** Errors: `invalid-argument` for what is no checkpoint. */
export function checkCheckpoint(checkpoint: unknown): asserts checkpoint is Checkpoint {
  if (typeof checkpoint !== "object" || checkpoint === null) throw new InvalidArgument("A checkpoint", "an object", checkpoint);
  const { feed, version, position } = checkpoint as Partial<Checkpoint>;
  if (typeof feed !== "string" || feed === "") throw new InvalidArgument("The feed of a checkpoint", "the name of a feed", feed);
  for (const [name, place] of Object.entries({ version, position }))
    if (place !== null && !(Number.isSafeInteger(place) && (place as number) >= 0))
      throw new InvalidArgument(`The ${name} of a checkpoint of ${feed}`, "an integer from 0, or null", place);
}
