import { definitionOf, type CommandBus, type EventBase, type MessageClass, type QueryBus } from "@reactive-domain/messaging";
import type { CallOptions, EventStore, RecordedEvent, StreamNameBuilder } from "@reactive-domain/persistence";
import type { BoundedContext } from "./bounded-context.ts";
import { ContextIncomplete } from "./errors.ts";

export interface VerifyOptions extends CallOptions {
  /** The buses on which the commands of the context have their handlers. */
  readonly commands?: CommandBus | readonly CommandBus[];
  /** The buses on which the queries of the context have their handlers. */
  readonly queries?: QueryBus | readonly QueryBus[];
}

/** What a context is held against. */
export interface Surroundings {
  readonly store: EventStore;
  readonly streamNames: StreamNameBuilder;
}

/**
 * Holds a context against its buses and its store: every command and query has a handler; of each type of events, the oldest and the newest that are stored have a
 * version that there is a way up from.
 *
 * Errors: `context-incomplete`, those of the store.
 */
export async function verifyContext(context: BoundedContext, surroundings: Surroundings, options: VerifyOptions): Promise<void> {
  const { commands = [], queries = [], ...callOptions } = options;
  const problems = [
    ...unhandled("command", context.commands, typesOn(commands)),
    ...unhandled("query", context.queries, typesOn(queries)),
    ...(await Promise.all(context.events.map((eventClass) => unreadable(eventClass, surroundings, callOptions)))).flat(),
  ];
  if (problems.length > 0) throw new ContextIncomplete(context.name, problems);
}

type Bus = Pick<CommandBus | QueryBus, "describe">;

function typesOn(buses: Bus | readonly Bus[]): ReadonlySet<string> {
  const list = "describe" in buses ? [buses] : buses;
  return new Set(list.flatMap((bus) => bus.describe().handlers.map(({ type }) => type)));
}

function unhandled(kind: string, classes: readonly { readonly type: string }[], handled: ReadonlySet<string>): readonly string[] {
  return classes
    .filter(({ type }) => !handled.has(type))
    .map(({ type }) => `The ${kind} ${type} has no handler. Register one before, or give \`verify\` the bus that has it.`);
}

/** What of a type of events there is no way up from. Versions of its events grow along the log, so that the first and the last tell of all. */
async function unreadable(
  eventClass: MessageClass<EventBase>,
  { store, streamNames }: Surroundings,
  options: CallOptions,
): Promise<readonly string[]> {
  const { type, version, upcasters } = definitionOf(eventClass);
  const read = async (direction: "forwards" | "backwards"): Promise<RecordedEvent | undefined> => {
    const filter = { streamPrefix: streamNames.prefix };
    for await (const event of store.read({ eventType: type }, { ...options, filter, direction, limit: 1 })) return event;
    return undefined;
  };
  const [oldest, newest] = await Promise.all([read("forwards"), read("backwards")]);
  const problems: string[] = [];
  if (oldest !== undefined && oldest.schemaVersion < version && upcasters[oldest.schemaVersion] === undefined)
    problems.push(
      `${placeOf(oldest)} is of schema version ${oldest.schemaVersion}, and ${type} has no upcaster from there. Add one to its class.`,
    );
  if (newest !== undefined && newest.schemaVersion > version)
    problems.push(
      `${placeOf(newest)} is of schema version ${newest.schemaVersion}, and this program knows ${type} up to ${version}. Run the newest program.`,
    );
  return problems;
}

function placeOf({ type, version, stream }: RecordedEvent): string {
  return `${type} at version ${version} of ${stream}`;
}
