import {
  boundedContext,
  connect,
  createInMemoryStore,
  createStreamNameBuilder,
  Event,
  isBoundedContext,
  Query,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, AmountDeposited, banking, Deposit, openBank, refusalOf } from "../banking.ts";
import { loans } from "../lending.ts";

class OtherOpened extends Event("AccountOpened")<{ accountId: string }> {}

const invalidArgument = { code: "invalid-argument" };

describe("a bounded context", () => {
  it("is a value that tells its name, prefix, aggregates and events", () => {
    const context = boundedContext("banking", { aggregates: [Account, loans], events: [AccountOpened] });
    expect(context).toEqual({
      name: "banking",
      prefix: "banking",
      aggregates: [Account, loans],
      events: [AccountOpened],
      commands: [],
      queries: [],
    });
    expect(isBoundedContext(context)).toBe(true);
    expect([{ ...context }, undefined, null, "banking"].map((value) => isBoundedContext(value))).toEqual([false, false, false, false]);
  });

  it("is not changed by a later change of the lists it was made of", () => {
    const events = [AccountOpened];
    const context = boundedContext("banking", { aggregates: [Account], events });
    events.pop();
    expect(context.events).toEqual([AccountOpened]);
  });

  it.each(["", " ", "two words", "with-dash", "with.dot", "7seas", "$system"])("G2: refuses the prefix %j", (prefix) => {
    expect(refusalOf(() => boundedContext("banking", { prefix, aggregates: [], events: [] }))).toMatchObject(invalidArgument);
  });

  it.each(["", "retail banking"])("G2: refuses the name %j where that would be its prefix", (name) => {
    expect(refusalOf(() => boundedContext(name, { aggregates: [], events: [] }))).toMatchObject(invalidArgument);
  });

  it("refuses two aggregates whose streams would be called the same", () => {
    const account = { ...loans, type: "account" };
    expect(refusalOf(() => boundedContext("banking", { aggregates: [Account, account], events: [] }))).toMatchObject({
      ...invalidArgument,
      message: "The number of aggregates of banking with the category banking.account must be 1, but is 2. Rename one, or list it once.",
    });
  });

  it("refuses two events of one type name, and one that is listed twice", () => {
    for (const [first, second] of [
      [AccountOpened, OtherOpened],
      [AccountOpened, AccountOpened],
    ] as const) {
      const events = [first, AmountDeposited, second];
      expect(refusalOf(() => boundedContext("banking", { aggregates: [], events }))).toMatchObject({
        ...invalidArgument,
        message: "The number of events of banking with the type AccountOpened must be 1, but is 2. Rename one, or list it once.",
      });
    }
  });

  it("refuses a command and a query of one type name", () => {
    class Deposited extends Query("Deposit")<{ accountId: string }, number> {}
    const twice = (): unknown => boundedContext("banking", { aggregates: [], events: [], commands: [Deposit], queries: [Deposited] });
    expect(refusalOf(twice)).toMatchObject({
      message: "The number of commands and queries of banking with the type Deposit must be 1, but is 2. Rename one, or list it once.",
    });
  });

  it("G1: names streams by its prefix in lower case, the aggregate's type and id", () => {
    const context = boundedContext("Retail", { aggregates: [Account], events: [] });
    const { streamNames } = connect(context, createInMemoryStore());
    expect(streamNames.forAggregate("Account", "4ff6a2a5-5c4e-4d3c-9a8e-0d1f6d1c2b3a")).toBe(
      "retail.account-4ff6a2a55c4e4d3c9a8e0d1f6d1c2b3a",
    );
    expect(streamNames.forAggregate("Account", "main-street-7")).toBe("retail.account-main-street-7");
    expect(streamNames.forCategory("Account")).toBe("retail.account");
  });
});

describe("a connected context", () => {
  const { bank, store } = openBank();
  const unlisted = { type: "Account" };

  it("holds its context, its store, and what goes between them", () => {
    expect(bank).toMatchObject({ context: banking, store });
    expect(bank.streamNames.prefix).toBe("banking.");
  });

  it("takes other stream names, and sees only the streams that they name", async () => {
    const named = connect(banking, createInMemoryStore(), { streamNames: createStreamNameBuilder({ prefix: "north" }) });
    expect(named.all()).toMatchObject({ source: { all: true }, filter: { streamPrefix: "north." } });
    expect(named.category(Account).source).toEqual({ category: "north.account" });
  });

  it("filters nothing by names that have no prefix", () => {
    const named = connect(banking, createInMemoryStore(), { streamNames: createStreamNameBuilder() });
    expect(named.all()).toMatchObject({ source: { all: true }, filter: undefined });
  });

  it("refuses an aggregate that its context does not list", () => {
    class Savings extends Account {
      static override readonly type = "Savings" as "Account";
    }
    const refused = { ...invalidArgument, details: { argument: "aggregate" } };
    expect(refusalOf(() => bank.repository(Savings))).toMatchObject(refused);
    expect(refusalOf(() => bank.correlatedRepository(Savings))).toMatchObject(refused);
    expect(refusalOf(() => bank.deciderRepository({ ...loans }))).toMatchObject(refused);
    expect(refusalOf(() => bank.category(unlisted))).toMatchObject(refused);
    expect(refusalOf(() => bank.aggregate(unlisted, "a-1"))).toMatchObject(refused);
  });

  it("refuses the feed of an event that its context does not list", () => {
    expect(refusalOf(() => bank.eventType(OtherOpened))).toMatchObject({ ...invalidArgument, details: { argument: "eventClass" } });
  });

  it("refuses the feed of an aggregate with a blank id", () => {
    expect(refusalOf(() => bank.aggregate(Account, " "))).toMatchObject(invalidArgument);
  });
});
