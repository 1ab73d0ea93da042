import { checkKeys, textOf } from "@reactive-domain/core";
import { definitionOf, type CommandBus, type EventBase, type MessageClass, type QueryBus } from "@reactive-domain/messaging";
import type { CallOptions, EventSerializer, EventStore, RecordedEvent, StreamNameBuilder } from "@reactive-domain/persistence";
import type { BoundedContext } from "./bounded-context.ts";
import { busesOf, handlerProblems } from "./check-handlers.ts";
import { ContextIncomplete } from "./errors.ts";

const KEYS = ["commands", "queries", "signal", "context"];

export interface VerifyOptions extends CallOptions {
  /** The buses on which the commands of the context have their handlers. */
  readonly commands?: CommandBus | readonly CommandBus[];
  /** The buses on which the queries of the context have their handlers. */
  readonly queries?: QueryBus | readonly QueryBus[];
}

/** What a context is held against. */
export interface Surroundings {
  readonly store: EventStore;
  readonly serializer: EventSerializer;
  readonly streamNames: StreamNameBuilder;
}

/**
 * Holds a context against its buses and its store: every command and query has one handler, for its very class; of each type of events, the oldest and the newest that
 * are stored have a version that there is a way up from, and can be read.
 *
 * Errors: `context-incomplete`, `invalid-argument`, those of the store.
 */
export async function verifyContext(context: BoundedContext, surroundings: Surroundings, options: VerifyOptions): Promise<void> {
  checkKeys("options of verify", options, KEYS);
  const { commands = [], queries = [], ...callOptions } = options;
  const handling = [
    { kind: "command", classes: context.commands, buses: busesOf("commands", "command", commands) },
    { kind: "query", classes: context.queries, buses: busesOf("queries", "query", queries) },
  ] as const;
  const problems = [
    ...handling.flatMap(handlerProblems),
    ...(await Promise.all(context.events.map((eventClass) => unreadable(eventClass, surroundings, callOptions)))).flat(),
  ];
  if (problems.length > 0) throw new ContextIncomplete(context.name, problems);
}

/** What of a type of events cannot be read. Versions of its events grow along the log, so that the first and the last tell of all. */
async function unreadable(
  eventClass: MessageClass<EventBase>,
  { store, serializer, streamNames }: Surroundings,
  options: CallOptions,
): Promise<readonly string[]> {
  const { type } = definitionOf(eventClass);
  const read = async (direction: "forwards" | "backwards"): Promise<RecordedEvent | undefined> => {
    const filter = { streamPrefix: streamNames.prefix };
    for await (const event of store.read({ eventType: type }, { ...options, filter, direction, limit: 1 })) return event;
    return undefined;
  };
  const [oldest, newest] = await Promise.all([read("forwards"), read("backwards")]);
  const found = newest === undefined || newest.id === oldest?.id ? [oldest] : [oldest, newest];
  const problems = await Promise.all(
    found.map(async (event) => event && (versionProblem(event, eventClass) ?? (await readProblem(event, serializer)))),
  );
  return problems.filter((problem) => problem !== undefined);
}

function versionProblem(event: RecordedEvent, eventClass: MessageClass<EventBase>): string | undefined {
  const { type, version, upcasters } = definitionOf(eventClass);
  const { schemaVersion } = event;
  if (schemaVersion < version && upcasters[schemaVersion] === undefined)
    return `${placeOf(event)} is of schema version ${schemaVersion}, and ${type} has no upcaster from there. Add one to its class.`;
  if (schemaVersion > version)
    return `${placeOf(event)} is of schema version ${schemaVersion}, and this program knows ${type} up to ${version}. Run the newest program.`;
  return undefined;
}

async function readProblem(event: RecordedEvent, serializer: EventSerializer): Promise<string | undefined> {
  try {
    await serializer.deserialize(event);
    return undefined;
  } catch (error) {
    return `${placeOf(event)} cannot be read: ${textOf(error)}`;
  }
}

function placeOf({ type, version, stream }: RecordedEvent): string {
  return `${type} at version ${version} of ${stream}`;
}
