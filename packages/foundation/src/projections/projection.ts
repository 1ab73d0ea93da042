import { InvalidArgument } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import type { ProjectionShape } from "@reactive-domain/persistence";
import type { ConnectedContext } from "../contexts/connected-context.ts";
import type { EventContext } from "../listeners/event-context.ts";
import type { EventFeed } from "../listeners/event-feed.ts";
import type { TablePlace } from "./table-place.ts";
import type { Task } from "./task.ts";

/** What every projection may say of itself. */
export interface ProjectionOptions {
  /**
   * Counted up when events are handled otherwise than before: from 1 to 999,999. A program that starts a version above the one that is kept builds it anew beside that, and then
   * puts it in its place. Default 1.
   */
  readonly version?: number;
  /** Where its events come from. Default: all events of the context. The store picks out those types that have handlers. */
  readonly source?: (context: ConnectedContext) => EventFeed;
  /**
   * Told behind each commit of the live generation, with the events that are in it: for what is to happen outside, like telling those who look. It is not told of what a rebuild
   * makes, nor of what went wrong at first and was replayed; and not again when the process ends before it is. Not waited for; what it throws is a warning of the process.
   */
  readonly onCommitted?: (committed: CommittedEvents) => unknown;
}

/** Events whose handling is committed. */
export interface CommittedEvents {
  readonly projection: string;
  readonly events: readonly { readonly event: EventBase; readonly context: EventContext }[];
}

/** A projection, as what runs it sees it. `C` is the connection that it needs; those of documents need none. */
export interface Projection<C = unknown> {
  readonly name: string;
  readonly version: number;
  readonly source: ProjectionOptions["source"];
  readonly onCommitted: ProjectionOptions["onCommitted"];
  readonly shape: ProjectionShape<C>;
  /** The classes that have handlers. */
  readonly eventClasses: readonly MessageClass<EventBase>[];
  /** What is to be done with an event, in order. Errors: those of the functions that tell keys. */
  tasksOf(event: EventBase, context: EventContext): readonly Task<C>[];
  /** Removes what it made of a key's events, where it can. */
  readonly forget: ((key: string, place: TablePlace<C>) => unknown) | undefined;
}

/** Errors: `invalid-argument`. */
export function checkedOptions({
  version = 1,
  source,
  onCommitted,
}: ProjectionOptions): Pick<Projection, "version" | "source" | "onCommitted"> {
  if (!Number.isSafeInteger(version) || version < 1) throw new InvalidArgument("version", "an integer from 1", version);
  for (const [name, given] of Object.entries({ source, onCommitted }))
    if (given !== undefined && typeof given !== "function") throw new InvalidArgument(name, "a function", given);
  return { version, source, onCommitted };
}

/** Errors: `invalid-argument`. */
export function checkRoute(eventClass: unknown, functions: Readonly<Record<string, unknown>>): void {
  if (typeof eventClass !== "function") throw new InvalidArgument("eventClass", "a class made by Event", eventClass);
  for (const [name, given] of Object.entries(functions))
    if (typeof given !== "function") throw new InvalidArgument(name, "a function", given);
}

/** Errors: `invalid-argument`. */
export function checkProjection(projection: Projection): void {
  if (typeof projection?.tasksOf !== "function")
    throw new InvalidArgument("projection", "what projectDocuments or projectTables gives", projection);
  if (projection.eventClasses.length === 0)
    throw new InvalidArgument(`Projection ${projection.name}`, "one with a handler", "none", "Add them by on(…).");
}
