import { InvalidArgument } from "@reactive-domain/core";
import type { CommandBase, EventBase, MessageClass, QueryBase } from "@reactive-domain/messaging";
import { createStreamNameBuilder } from "@reactive-domain/persistence";
import type { AggregateClass, AggregateRoot } from "../aggregates/aggregate-root.ts";
import type { SnapshotPolicy } from "../aggregates/snapshot-source.ts";
import { checkContext } from "./check-context.ts";

/** The kinds of things that have streams in a context: aggregate classes, and deciders by their type. */
export type AggregateKind =
  | AggregateClass<AggregateRoot>
  | { readonly type: string; readonly initial: unknown; readonly snapshots?: SnapshotPolicy };

export interface BoundedContextOptions {
  /** All aggregate classes and deciders of the context. */
  readonly aggregates: readonly AggregateKind[];
  /** All event classes of the context: no other type is written or understood. */
  readonly events: readonly MessageClass<EventBase>[];
  /** All command classes of the context: `verify` holds that each has a handler. Default: none. */
  readonly commands?: readonly MessageClass<CommandBase>[];
  /** All query classes of the context, likewise. Default: none. */
  readonly queries?: readonly MessageClass<QueryBase>[];
  /** What the context's streams begin with. Default: its name. */
  readonly prefix?: string;
}

/** What a context is known by, also one of another copy of this package. */
const CONTEXT: unique symbol = Symbol.for("@reactive-domain/foundation/bounded-context") as never;

/** What belongs together: one model, its events, and the prefix of its streams. A value; it connects to nothing. */
export interface BoundedContext {
  readonly name: string;
  readonly prefix: string;
  readonly aggregates: readonly AggregateKind[];
  readonly events: readonly MessageClass<EventBase>[];
  readonly commands: readonly MessageClass<CommandBase>[];
  readonly queries: readonly MessageClass<QueryBase>[];
}

/**
 * Declares a bounded context. Type names belong to it: contexts that share a store do not see each other's streams.
 *
 * Errors: `invalid-argument` for names that are not one word, or are given twice, for lists with something else in them, and for options that it does not know.
 */
export function boundedContext(name: string, options: BoundedContextOptions): BoundedContext {
  checkContext(name, options);
  const prefix = options.prefix ?? name;
  const names = createStreamNameBuilder({ prefix });
  refuseTwice(
    `aggregates of ${name} with the category`,
    options.aggregates.map(({ type }) => names.forCategory(type)),
  );
  refuseTwice(
    `events of ${name} with the type`,
    options.events.map(({ type }) => type),
  );
  const { commands = [], queries = [] } = options;
  refuseTwice(
    `commands and queries of ${name} with the type`,
    [...commands, ...queries].map(({ type }) => type),
  );
  const lists = { aggregates: [...options.aggregates], events: [...options.events], commands: [...commands], queries: [...queries] };
  return Object.defineProperty({ name, prefix, ...lists }, CONTEXT, { value: true });
}

/** Whether a value is what {@link boundedContext} made. */
export function isBoundedContext(value: unknown): value is BoundedContext {
  return typeof value === "object" && value !== null && Reflect.get(value, CONTEXT) === true;
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const count = names.filter((name) => name === twice).length;
  throw new InvalidArgument(`The number of ${what} ${twice}`, "1", count, "Rename one, or list it once.");
}
