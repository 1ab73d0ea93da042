import { AggregateRoot, classOf, Event, InvalidArgument, version, type MessageClass } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, accountWith, AmountDeposited, GiftReceived, InsufficientFunds, Notebook, refusalOf } from "../banking.ts";

class Flagged extends Event("Flagged")<{ reason: string }> {}

/** An aggregate whose routes are what a test says. */
class Probe extends AggregateRoot {
  static readonly type = "Probe";

  route<E extends AmountDeposited | Flagged>(eventClass: MessageClass<E>, route: (event: E) => void): this {
    this.register(eventClass, route);
    return this;
  }

  happen(event: AmountDeposited | Flagged): void {
    this.raise(event);
  }
}

const deposited = (amount: number): AmountDeposited => new AmountDeposited({ accountId: "a-1", amount });

describe("an aggregate", () => {
  it("A1: expects that its stream does not exist while nothing has happened", () => {
    const account = new Account("a-1");
    expect(account.expectedVersion).toBe("noStream");
    expect(account.pendingEvents).toEqual([]);
  });

  it("A2: hands out what has happened once, and moves its expected version past it", () => {
    const account = new Account("a-1");
    account.open("Ann");
    expect(account.takeEvents()).toEqual([new AccountOpened({ accountId: "a-1", owner: "Ann" })]);
    expect(account.expectedVersion).toBe(0);
    expect(account.takeEvents()).toEqual([]);
    expect(account.expectedVersion).toBe(0);
  });

  it("A3: folds a raised event once, by the route of its class", () => {
    const folded: AmountDeposited[] = [];
    const probe = new Probe("p-1").route(AmountDeposited, (event) => folded.push(event));
    const event = deposited(5);
    probe.happen(event);
    expect(folded).toEqual([event]);
    expect(probe.pendingEvents).toEqual([event]);
  });

  it("A3: folds a replayed event once, and never records it as new", () => {
    const folded: AmountDeposited[] = [];
    const probe = new Probe("p-1").route(AmountDeposited, (event) => folded.push(event));
    const history = [deposited(5), deposited(7)];
    probe.restoreFromEvents(history, version(1));
    expect(folded).toEqual(history);
    expect(probe.pendingEvents).toEqual([]);
  });

  it("A3: folds a derived event by the route of its base, and once only", () => {
    const account = new Account("a-1");
    account.receiveGift(20, "Bob");
    expect(account.balance).toBe(20);
    expect(account.pendingEvents.map((event) => classOf(event).type)).toEqual(["GiftReceived"]);
  });

  it("A3: prefers the route of the derived class where it has one of its own", () => {
    const folded: string[] = [];
    const probe = new Probe("p-1").route(AmountDeposited, () => folded.push("deposit")).route(GiftReceived, () => folded.push("gift"));
    probe.happen(new GiftReceived({ accountId: "a-1", amount: 1, from: "Bob" }));
    probe.happen(deposited(1));
    expect(folded).toEqual(["gift", "deposit"]);
  });

  it("A4: records an event without a route, and changes no state", () => {
    const account = accountWith("a-1", 5);
    account.open("Ann");
    expect(account.balance).toBe(5);
    expect(account.pendingEvents).toHaveLength(2);
  });

  it("A6: refuses a second route of one class", () => {
    const probe = new Probe("p-1").route(AmountDeposited, () => undefined);
    expect(() => probe.route(AmountDeposited, () => undefined)).toThrow(InvalidArgument);
  });

  it("A6: refuses a route without a class, and a class without a route", () => {
    const probe = new Probe("p-1");
    expect(() => probe.route(undefined as never, () => undefined)).toThrow("eventClass must be a class made by Event");
    expect(() => probe.route(Flagged, undefined as never)).toThrow("The route of Flagged must be a function");
  });

  it("has recorded nothing when a route throws, and raises no more: its state is unknown", () => {
    const probe = new Probe("p-1").route(AmountDeposited, () => {
      throw new Error("broken route");
    });
    expect(() => probe.happen(deposited(5))).toThrow("broken route");
    expect(probe.pendingEvents).toEqual([]);
    expect(refusalOf(() => probe.happen(new Flagged({ reason: "later" })))).toMatchObject({
      code: "aggregate-broken",
      message:
        "A route of Probe p-1 threw, so that its state is unknown. Get it from the repository again. A route refuses nothing: decide in the method that raises.",
    });
    expect(probe.pendingEvents).toEqual([]);
  });

  it("has recorded nothing when a rule refuses", () => {
    const account = accountWith("a-1", 5);
    expect(() => account.withdraw(6)).toThrow(InsufficientFunds);
    expect(account.pendingEvents).toHaveLength(1);
    expect(account.balance).toBe(5);
  });

  it("refuses one instance that is raised twice", () => {
    const event = deposited(5);
    const probe = new Probe("p-1");
    probe.happen(event);
    expect(refusalOf(() => probe.happen(event))).toMatchObject({
      code: "invalid-argument",
      message: "The number of earlier raises of this AmountDeposited must be 0, but is 1. Make a new instance.",
    });
    expect(probe.pendingEvents).toEqual([event]);
  });

  it("refuses one instance that is raised again after it was saved", () => {
    const event = deposited(5);
    const probe = new Probe("p-1");
    probe.happen(event);
    probe.takeEvents();
    expect(() => probe.happen(event)).toThrow(InvalidArgument);
    expect(probe.pendingEvents).toEqual([]);
  });

  it("A3: refuses a route that raises, since every replay would raise again", () => {
    const probe = new Probe("p-1");
    probe.route(AmountDeposited, () => probe.happen(new Flagged({ reason: "large" })));
    expect(() => probe.happen(deposited(5))).toThrow('What raises an event must be a method, but is "a route".');
    expect(probe.pendingEvents).toEqual([]);
    expect(() => probe.restoreFromEvents([deposited(5)], version(0))).toThrow(InvalidArgument);
    expect(probe.pendingEvents).toEqual([]);
  });

  it("A11: refuses what is not an event, and records nothing", () => {
    const notebook = new Notebook("n-1");
    expect(() => notebook.note({ accountId: "a-1", amount: 5 } as never)).toThrow("event must be an instance of a class made by Event");
    expect(notebook).toMatchObject({ pendingEvents: [], noted: 0 });
  });

  it.each(["", "   ", undefined, 7])("refuses the id %j", (id) => {
    expect(refusalOf(() => new Account(id as string))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The id of Account" },
    });
  });
});
