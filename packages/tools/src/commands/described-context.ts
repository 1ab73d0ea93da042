import { completePolicy, type AggregateKind, type BoundedContext, type SnapshotPolicy } from "@reactive-domain/foundation";
import { definitionOf, type MessageDefinition } from "@reactive-domain/messaging";
import { inColumns } from "../in-columns.ts";
import { printable } from "../printable.ts";

const NONE = "-";

/** What a bounded context lists, as data. */
export interface DescribedContext {
  /** By which the module exports it, like `banking`, or `bank.context` where it is part of an object. */
  readonly name: string;
  readonly context: string;
  readonly prefix: string;
  readonly aggregates: readonly DescribedAggregate[];
  readonly events: readonly DescribedEvent[];
  readonly commands: readonly DescribedMessage[];
  readonly queries: readonly DescribedMessage[];
}

interface DescribedAggregate {
  readonly type: string;
  readonly kind: "class" | "decider";
  /** `null` for no snapshots; in it, `null` for never. */
  readonly snapshots: Readonly<Record<"schemaVersion" | "everyEvents" | "slowerThanMs", number | null>> | null;
}

interface DescribedMessage {
  readonly type: string;
  readonly subject: string | null;
  readonly sensitive: readonly string[];
}

interface DescribedEvent extends DescribedMessage {
  readonly version: number;
  /** The older versions that are brought up. */
  readonly upcastsFrom: readonly number[];
}

export function describeContext(name: string, context: BoundedContext): DescribedContext {
  return {
    name,
    context: context.name,
    prefix: context.prefix,
    aggregates: context.aggregates.map(describeAggregate),
    events: context.events.map((eventClass) => describeEvent(definitionOf(eventClass))),
    commands: context.commands.map((commandClass) => describeMessage(definitionOf(commandClass))),
    queries: context.queries.map((queryClass) => describeMessage(definitionOf(queryClass))),
  };
}

function describeAggregate(aggregate: AggregateKind & { readonly snapshots?: SnapshotPolicy }): DescribedAggregate {
  const { type, snapshots } = aggregate;
  const kind = typeof aggregate === "function" ? "class" : "decider";
  if (snapshots === undefined) return { type, kind, snapshots: null };
  const { schemaVersion, everyEvents, slowerThanMs } = completePolicy(snapshots);
  return { type, kind, snapshots: { schemaVersion, everyEvents: unlessNever(everyEvents), slowerThanMs: unlessNever(slowerThanMs) } };
}

function unlessNever(bound: number): number | null {
  return bound === Number.POSITIVE_INFINITY ? null : bound;
}

function describeEvent(definition: MessageDefinition): DescribedEvent {
  const { type, ...told } = describeMessage(definition);
  return { type, version: definition.version, upcastsFrom: Object.keys(definition.upcasters).map(Number), ...told };
}

function describeMessage({ type, subject, sensitive }: MessageDefinition): DescribedMessage {
  return { type, subject: subject ?? null, sensitive };
}

/** A context in columns, one block for each of its lists that is not empty. */
export function contextText({ name, context, prefix, ...lists }: DescribedContext): readonly string[] {
  const { aggregates, events, commands, queries } = lists;
  return [
    printable(`${name}: bounded context ${context}, prefix ${prefix}`),
    ...columns(
      ["AGGREGATE", "KIND", "SNAPSHOTS"],
      aggregates.map(({ type, kind, snapshots }) => [type, kind, policyText(snapshots)]),
    ),
    ...columns(
      ["EVENT", "VERSION", "UPCASTS FROM", "SUBJECT", "SENSITIVE"],
      events.map((event) => [
        event.type,
        String(event.version),
        listText(event.upcastsFrom),
        subjectText(event),
        listText(event.sensitive),
      ]),
    ),
    ...columns(
      ["COMMAND", "SUBJECT", "SENSITIVE"],
      commands.map((command) => [command.type, subjectText(command), listText(command.sensitive)]),
    ),
    ...columns(
      ["QUERY", "SUBJECT", "SENSITIVE"],
      queries.map((query) => [query.type, subjectText(query), listText(query.sensitive)]),
    ),
  ];
}

function columns(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : inColumns([head, ...rows.map((row) => row.map(printable))], 0);
}

function policyText(snapshots: DescribedAggregate["snapshots"]): string {
  if (snapshots === null) return NONE;
  const { schemaVersion, everyEvents, slowerThanMs } = snapshots;
  const whens = [
    ...(everyEvents === null ? [] : [`every ${everyEvents} events`]),
    ...(slowerThanMs === null ? [] : [`loads slower than ${slowerThanMs} ms`]),
  ];
  return `${whens.join(", ")}, schema version ${schemaVersion}`;
}

function subjectText({ subject }: DescribedMessage): string {
  return subject ?? NONE;
}

function listText(items: readonly (string | number)[]): string {
  return items.length === 0 ? NONE : items.join(", ");
}
