import {
  boundedContext,
  connect,
  createCommandBus,
  createInMemoryStore,
  createQueryBus,
  EventBase,
  Query,
  type BoundedContext,
  type BoundedContextOptions,
  type ConnectOptions,
  type EventStore,
  type VerifyOptions,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, banking, Deposit, refusalOf } from "../banking.ts";

class BalanceOf extends Query("BalanceOf")<{ accountId: string }, number> {}
class Unnamed extends EventBase {}

const refused = (message: string) => ({ code: "invalid-argument", message });

describe("a bounded context is refused", () => {
  const lists = { aggregates: [Account], events: [AccountOpened] };
  const keys = "aggregates, events, commands, queries, prefix";
  const kind = "a class that extends AggregateRoot, or a decider, with its type and initial";
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["options that are null", null, "The options of boundedContext must be an object, but is null."],
    ["options left out", undefined, "The options of boundedContext must be an object, but is undefined."],
    ["an unknown key", { ...lists, evnts: [] }, `A key of the options of boundedContext must be one of ${keys}, but is "evnts".`],
    ["no aggregates", { events: [] }, "The aggregates of banking must be an array, but is undefined."],
    ["no events", { aggregates: [] }, "The events of banking must be an array, but is undefined."],
    ["events as text", { ...lists, events: "AccountOpened" }, 'The events of banking must be an array, but is "AccountOpened".'],
    ["commands that are null", { ...lists, commands: null }, "The commands of banking must be an array, but is null."],
    ["queries as a set", { ...lists, queries: new Set() }, "The queries of banking must be an array, but is an instance of Set."],
    ["null among aggregates", { ...lists, aggregates: [Account, null] }, `An aggregate of banking must be ${kind}, but is null.`],
    ["an empty object among aggregates", { ...lists, aggregates: [{}] }, `An aggregate of banking must be ${kind}, but is an object.`],
    ["a command among aggregates", { ...lists, aggregates: [Deposit] }, `An aggregate of banking must be ${kind}, but is "Deposit".`],
    ["null among events", { ...lists, events: [null] }, "One of the events of banking must be a class made by Event, but is null."],
    [
      "a hole among events",
      { ...lists, events: Array.from({ length: 1 }) },
      "One of the events of banking must be a class made by Event, but is undefined.",
    ],
    [
      "a command among events",
      { ...lists, events: [Deposit] },
      'One of the events of banking must be a class made by Event, but is "Deposit".',
    ],
    [
      "a class among events that was not made by Event",
      { ...lists, events: [Unnamed] },
      'One of the events of banking must be a class made by Event, but is "Unnamed".',
    ],
    [
      "an aggregate among events",
      { ...lists, events: [Account] },
      'One of the events of banking must be a class made by Event, but is "Account".',
    ],
    [
      "a query among commands",
      { ...lists, commands: [BalanceOf] },
      'One of the commands of banking must be a class made by Command, but is "BalanceOf".',
    ],
    ["null among queries", { ...lists, queries: [null] }, "One of the queries of banking must be a class made by Query, but is null."],
  ];

  it.each(cases)("with %s", (_, options, message) => {
    expect(refusalOf(() => boundedContext("banking", options as BoundedContextOptions))).toMatchObject(refused(message));
  });

  it("with a name that is no text", () => {
    expect(refusalOf(() => boundedContext(null as never, { ...lists, prefix: "banking" }))).toMatchObject(
      refused("The name of a context must be text, but is null."),
    );
  });
});

describe("a context does not connect", () => {
  const store = createInMemoryStore();
  const cases: readonly (readonly [string, readonly [context: unknown, store: unknown, options: unknown], string])[] = [
    ["with what is no store", [banking, {}, {}], "store must be an event store, but is an object."],
    ["with no store", [banking, undefined, {}], "store must be an event store, but is undefined."],
    ["where it is none", [{}, store, {}], "context must be what boundedContext made, but is an object."],
    ["where it is missing", [undefined, store, {}], "context must be what boundedContext made, but is undefined."],
    ["with options that are null", [banking, store, null], "The options of connect must be an object, but is null."],
    [
      "with an unknown key",
      [banking, store, { serialiser: 1 }],
      'A key of the options of connect must be one of serializer, streamNames, but is "serialiser".',
    ],
  ];

  it.each(cases)("%s", (_, [context, other, options], message) => {
    const connecting = (): unknown => connect(context as BoundedContext, other as EventStore, options as ConnectOptions);
    expect(refusalOf(connecting)).toMatchObject(refused(message));
  });
});

describe("a context is not verified", () => {
  const commandBus = "The commands of verify must be a command bus, or an array of them, but is";
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["with options that are null", null, "The options of verify must be an object, but is null."],
    [
      "with an unknown key",
      { command: createCommandBus() },
      'A key of the options of verify must be one of commands, queries, signal, context, but is "command".',
    ],
    ["with commands that are null", { commands: null }, `${commandBus} null.`],
    ["with null among the commands", { commands: [null] }, `${commandBus} an array of 1.`],
    ["with what is no bus", { commands: {} }, `${commandBus} an object.`],
    ["with a query bus for commands", { commands: createQueryBus() }, `${commandBus} an instance of DirectQueryBus.`],
    [
      "with a command bus for queries",
      { queries: [createCommandBus()] },
      "The queries of verify must be a query bus, or an array of them, but is an array of 1.",
    ],
  ];

  it.each(cases)("%s", async (_, options, message) => {
    const bank = connect(banking, createInMemoryStore());
    await expect(bank.verify(options as VerifyOptions)).rejects.toMatchObject(refused(message));
  });
});
