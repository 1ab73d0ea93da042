import { specify } from "@reactive-domain/testing";
import { Event } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import {
  Account,
  AccountOpened,
  accounts,
  AmountDeposited,
  Anything,
  Deposit,
  GiftReceived,
  InsufficientFunds,
  Withdraw,
} from "./accounts.ts";
import { broken } from "./broken.ts";

const account = specify(Account);
const deposited = (amount: number): AmountDeposited => new AmountDeposited({ amount });

describe("the events that are expected of an aggregate", () => {
  it("are those that it raised after what was given", () => {
    account
      .given([deposited(5), deposited(3)])
      .when((one) => one.withdraw(7))
      .then([deposited(-7)]);
    account
      .given([])
      .when((one) => one.deposit(7))
      .then([deposited(7)]);
    account
      .given()
      .when((one) => one.deposit(7))
      .then([deposited(7)]);
    account.when((one) => one.note(deposited(1), new Anything({ value: null }))).then([deposited(1), new Anything({ value: null })]);
  });

  it("are none where nothing happened, and only there", () => {
    account
      .given([deposited(5)])
      .when(() => undefined)
      .then([]);
    expect(broken(() => account.when((one) => one.deposit(1)).then([])).message).toContain("expected 0 events, got 1 event.");
    expect(broken(() => account.when(() => undefined).then([deposited(1)])).message).toContain("expected 1 event, got 0 events.");
  });

  it("are in their order", () => {
    const act = (one: Account): void => one.note(deposited(1), deposited(2));
    expect(broken(() => account.when(act).then([deposited(2), deposited(1)])).message).toBe(
      [
        "Account: without history, one.note(deposited(1), deposited(2)): expected other events than the 2 it got.",
        "Given:",
        "  none",
        "Expected:",
        "≠ 1. AmountDeposited { amount: 2 }",
        "≠ 2. AmountDeposited { amount: 1 }",
        "Got:",
        "≠ 1. AmountDeposited { amount: 1 }",
        "≠ 2. AmountDeposited { amount: 2 }",
      ].join("\n"),
    );
  });

  it.each([
    ["one that comes twice", [deposited(1), deposited(1)]],
    ["one too many", [deposited(1), deposited(2)]],
    ["one too few", []],
    ["a derived class", [new GiftReceived({ amount: 1, from: "Ann" })]],
    ["another value", [deposited(1.5)]],
    ["a further field", [new AmountDeposited({ amount: 1, extra: undefined } as { amount: number })]],
    ["a missing field", [new AmountDeposited({} as { amount: number })]],
    ["the text of a number", [new AmountDeposited({ amount: "1" as never })]],
    ["no payload at all, in another class", [new Anything({ value: undefined })]],
  ])("are not met by %s", (_, expected) => {
    expect(() => account.when((one) => one.deposit(1)).then([deposited(1)])).not.toThrow();
    expect(broken(() => account.when((one) => one.deposit(1)).then(expected)).operator).toBe("specification");
  });

  it.each([
    [undefined, null],
    [0, -0],
    [Number.NaN, 0],
    [new Date(0), new Date(1)],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [{ a: undefined }, {}],
    [new Map([[1, 2]]), new Map([[1, 3]])],
  ])("hold the payload %j against %j and find them different", (value, other) => {
    const act = (one: Account): void => one.note(new Anything({ value }));
    expect(broken(() => account.when(act).then([new Anything({ value: other })])).message).toContain(
      "expected other events than the 1 it got",
    );
  });

  it("differ where another class has the same type, and say so", () => {
    const Twin = class extends Event("AmountDeposited")<{ amount: number }> {};
    const { message } = broken(() => account.when((one) => one.deposit(1)).then([new Twin({ amount: 1 })]));
    expect(message).toContain("≠ 1. AmountDeposited { amount: 1 } (of another class with this type)");
  });

  it("and those that were raised are both there for the diff of a test runner", () => {
    const act = (one: Account): void => one.note(deposited(1), new AccountOpened({ owner: "Ann" }));
    const error = broken(() =>
      account
        .given([deposited(9)])
        .when(act)
        .then([deposited(2)]),
    );
    expect(error).toMatchObject({ name: "AssertionError", code: "ERR_ASSERTION", operator: "specification" });
    expect(error.actual).toEqual([
      { type: "AmountDeposited", payload: { amount: 1 } },
      { type: "AccountOpened", payload: { owner: "Ann" } },
    ]);
    expect(error.expected).toEqual([{ type: "AmountDeposited", payload: { amount: 2 } }]);
    expect(error.message).toContain("Given:\n  1. AmountDeposited { amount: 9 }\n");
    expect(error.message).toContain("Got:\n≠ 1. AmountDeposited { amount: 1 }\n≠ 2. AccountOpened { owner: 'Ann' }");
  });

  it("fail at the line of the test", () => {
    const [, first] = (broken(() => account.when((one) => one.deposit(1)).then([])).stack ?? "").split(/\n\s+at /);
    expect(first).toContain("events.test.ts");
  });

  it("are marked only where they differ", () => {
    const act = (one: Account): void => one.note(deposited(1), deposited(2));
    expect(broken(() => account.when(act).then([deposited(1)])).message).toContain(
      "Expected:\n  1. AmountDeposited { amount: 1 }\nGot:\n  1. AmountDeposited { amount: 1 }\n≠ 2. AmountDeposited { amount: 2 }",
    );
  });

  it("do not come where it refuses: what was thrown is told, and the cause", () => {
    const error = broken(() =>
      account
        .given([deposited(1), deposited(2)])
        .when((one) => one.withdraw(4))
        .then([deposited(-4)]),
    );
    expect(error.message).toBe(
      [
        "Account: after 2 events, one.withdraw(4): expected 1 event, but it was refused with InsufficientFunds (insufficient-funds): There is less than 4.",
        "Expected:",
        "  1. AmountDeposited { amount: -4 }",
        "Recorded:",
        "  none",
      ].join("\n"),
    );
    expect(error.cause).toBeInstanceOf(InsufficientFunds);
    expect(broken(() => account.when((one) => one.withdraw(4)).then([])).cause).toBeInstanceOf(InsufficientFunds);
  });
});

describe("the events that are expected of a decider", () => {
  const account2 = specify(accounts);

  it("are those that it decided on", () => {
    account2
      .given([deposited(5)])
      .when(new Withdraw({ amount: 5 }))
      .then([deposited(-5)]);
    account2.when(new Deposit({ amount: 1 })).then([deposited(1)]);
    const error = broken(() =>
      account2
        .given([deposited(5)])
        .when(new Withdraw({ amount: 5 }))
        .then([deposited(5)]),
    );
    expect(error.message).toContain("Account: after 1 event, Withdraw { amount: 5 }: expected other events than the 1 it got.");
    expect(broken(() => account2.when(new Deposit({ amount: 1 })).then([])).message).toContain("expected 0 events, got 1 event");
  });
});

describe("a specification", () => {
  it("keeps nothing from one case to the next", () => {
    const rich = account.given([deposited(5)]);
    rich.when((one) => one.deposit(1)).then([deposited(1)]);
    rich.when((one) => one.deposit(1)).then((one) => expect(one.balance).toBe(6));
    account.when((one) => one.deposit(1)).then((one) => expect(one.balance).toBe(1));
  });

  it("takes a copy of what is given", () => {
    const history = [deposited(5)];
    const rich = account.given(history);
    history.push(deposited(100));
    rich.when((one) => one.deposit(1)).then((one) => expect(one.balance).toBe(6));
  });

  it("names what was done, shortened", () => {
    const titleOf = (act: (one: Account) => void): string =>
      broken(() => account.when(act).then([deposited(0)])).message.split(": expected")[0] ?? "";
    expect(titleOf(() => undefined)).toBe("Account: without history, undefined");
    expect(titleOf(function idle() {})).toBe("Account: without history, idle");
    const minified = Object.assign((one: Account) => one.deposit(1), { toString: () => "one=>{one.deposit(1)}" });
    expect(titleOf(minified)).toBe("Account: without history, one.deposit(1)");
    const long = titleOf((one) => one.note(new Anything({ value: "a long text that nobody wants to read twice in one line" })));
    expect(long).toBe('Account: without history, one.note(new Anything({ value: "a long text that nobody w...');
  });
});
