import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import { CommandBase, EventBase, QueryBase, type MessageBase } from "@reactive-domain/messaging";
import { AggregateRoot } from "../aggregates/aggregate-root.ts";

const KEYS = ["aggregates", "events", "commands", "queries", "prefix"];

/** By the lists of messages, what those in them are made by. */
const FACTORIES = { events: ["Event", EventBase], commands: ["Command", CommandBase], queries: ["Query", QueryBase] } as const;

/** Holds what a context of this name is declared with, before anything is made of it. Errors: `invalid-argument`. */
export function checkContext(context: string, options: object): void {
  if (typeof context !== "string") throw new InvalidArgument("The name of a context", "text", context);
  checkKeys("options of boundedContext", options, KEYS);
  const { aggregates, events, commands = [], queries = [] }: Readonly<Record<string, unknown>> = { ...options };
  for (const kind of listOf(`The aggregates of ${context}`, aggregates))
    if (!isAggregateClass(kind) && !isDecider(kind))
      throw new InvalidArgument(
        `An aggregate of ${context}`,
        "a class that extends AggregateRoot, or a decider, with its type and initial",
        named(kind),
      );
  for (const [key, list] of Object.entries({ events, commands, queries }) as [keyof typeof FACTORIES, unknown][]) {
    const [factory, base] = FACTORIES[key];
    for (const one of listOf(`The ${key} of ${context}`, list))
      if (!isMessageClass(one, base))
        throw new InvalidArgument(`One of the ${key} of ${context}`, `a class made by ${factory}`, named(one));
  }
}

function listOf(what: string, list: unknown): readonly unknown[] {
  if (!Array.isArray(list)) throw new InvalidArgument(what, "an array", list);
  // Holes are seen as what they are read as.
  return [...(list as readonly unknown[])];
}

function isAggregateClass(kind: unknown): boolean {
  return typeof kind === "function" && kind.prototype instanceof AggregateRoot;
}

function isDecider(kind: unknown): boolean {
  return typeof kind === "object" && kind !== null && "type" in kind && typeof kind.type === "string" && "initial" in kind;
}

function isMessageClass(one: unknown, base: abstract new (payload: never) => MessageBase): boolean {
  return typeof one === "function" && one.prototype instanceof base && typeof Reflect.get(one, "definition") === "object";
}

/** A class by its name, anything else as it is. */
function named(value: unknown): unknown {
  return typeof value === "function" && value.name !== "" ? value.name : value;
}
