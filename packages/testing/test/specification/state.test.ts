import { AssertionError } from "node:assert";
import { AggregateRoot, InvalidArgument, type Decider } from "@reactive-domain/foundation";
import { specify } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, accounts, AmountDeposited, Anything, Deposit, InsufficientFunds, Withdraw } from "./accounts.ts";
import { broken } from "./broken.ts";

const account = specify(Account);
const deposited = (amount: number): AmountDeposited => new AmountDeposited({ amount });

describe("the state that is looked at", () => {
  it("is the aggregate behind what was raised, and what the function asserts is what fails", () => {
    account
      .given([deposited(5)])
      .when((one) => one.deposit(1))
      .then((one) => expect(one.balance).toBe(6));
    expect(() => account.when((one) => one.deposit(1)).then((one) => expect(one.balance).toBe(2))).toThrow("expected 1 to be 2");
  });

  it("keeps what the function asserts, and where", () => {
    const error = new AssertionError({ message: "mine", operator: "mine" });
    const { stack } = error;
    const look = (): void => {
      throw error;
    };
    expect(broken(() => account.when(() => undefined).then(look))).toBe(error);
    expect(error.stack).toBe(stack);
  });

  it("is that of the decider, or equal to one", () => {
    const rich = specify(accounts).given([deposited(5), new AccountOpened({ owner: "Ann", note: undefined })]);
    rich.when(new Deposit({ amount: 1 })).then((state) => expect(state.balance).toBe(6));
    rich.when(new Deposit({ amount: 1 })).then({ state: { balance: 6, note: undefined } });
    const error = broken(() => rich.when(new Deposit({ amount: 1 })).then({ state: { balance: 6 } }));
    expect(error.message).toBe(
      [
        "Account: after 2 events, Deposit { amount: 1 }: expected another state than it got.",
        "Expected:",
        "  { balance: 6 }",
        "Got:",
        "  { balance: 6, note: undefined }",
        "Raised:",
        "  1. AmountDeposited { amount: 1 }",
      ].join("\n"),
    );
    expect(error).toMatchObject({ actual: { balance: 6, note: undefined }, expected: { balance: 6 } });
  });

  it("is not there where it was refused", () => {
    let looked = false;
    const look = (): void => {
      looked = true;
    };
    const error = broken(() => account.when((one) => one.withdraw(1)).then(look));
    expect(error.message).toContain("expected a state to look at, but it was refused with InsufficientFunds");
    expect(error.cause).toBeInstanceOf(InsufficientFunds);
    const poor = specify(accounts).when(new Withdraw({ amount: 1 }));
    expect(broken(() => poor.then(look)).cause).toBeInstanceOf(InsufficientFunds);
    expect(broken(() => poor.then({ state: { balance: 0 } })).message).toContain("expected a state, but it was refused");
    expect(looked).toBe(false);
  });

  it("is looked at at once: a function that returns a promise is refused", () => {
    const rejects = async (): Promise<void> => expect(1).toBe(2);
    expect(() => account.when(() => undefined).then(rejects as never)).toThrow(/looks at the state must be/);
  });
});

describe("a function that answers instead of asserting", () => {
  it.each([false, true, 0, "text"])("fails with %j, which nobody would hold", (answer) => {
    const look = (() => answer) as never;
    const problem = `what looks at the state answers ${JSON.stringify(answer).replaceAll('"', "'")}, which is passed over. Assert in it.`;
    expect(broken(() => account.when(() => undefined).then(look)).message).toContain(problem);
    const rich = specify(accounts).when(new Deposit({ amount: 1 }));
    expect(broken(() => rich.then(look)).message).toContain(problem);
  });

  it.each([undefined, null, {}, () => undefined])("passes with what a library of assertions may answer: %j", (answer) => {
    let looked = 0;
    account
      .when(() => undefined)
      .then(() => {
        looked++;
        return answer;
      });
    expect(looked).toBe(1);
  });
});

describe("a state that does not follow from the events", () => {
  it("is found in an aggregate that takes snapshots, whatever else is expected", () => {
    const spoilt = account.given([deposited(5)]).when((one) => {
      one.deposit(1);
      one.balance = 7;
    });
    const error = broken(() => spoilt.then([deposited(1)]));
    expect(error.message).toContain("its state does not follow from its events");
    expect(error.message).toContain("State now:\n  { balance: 7 }\nState of a replay:\n  { balance: 6 }");
    expect(error).toMatchObject({ actual: { balance: 7 }, expected: { balance: 6 } });
    expect(broken(() => spoilt.then((one) => one.balance)).message).toContain("its state does not follow");
    const idle = account.when((one) => void one.balance++);
    expect(broken(() => idle.then([])).message).toContain("its state does not follow");
  });

  it("is taken when nothing is pending, as a repository does", () => {
    const pending: number[] = [];
    class Watched extends Account {
      override takeSnapshot(): unknown {
        pending.push(this.pendingEvents.length);
        return super.takeSnapshot();
      }
    }
    specify(Watched)
      .given([deposited(1)])
      .when((one) => one.deposit(1))
      .then((one) => expect(one.pendingEvents).toEqual([]));
    expect(new Set(pending)).toEqual(new Set([0]));
  });

  it("is found in a decider that changes the state it decides on", () => {
    const spoiling: typeof accounts = {
      ...accounts,
      decide(command, state) {
        Object.assign(state, { balance: 100 });
        return [deposited(command.amount)];
      },
    };
    const given = specify(spoiling).given([deposited(5)]);
    expect(broken(() => given.when(new Deposit({ amount: 1 })).then([deposited(1)])).message).toContain("{ balance: 101 }");
    expect(broken(() => given.when(new Deposit({ amount: 1 })).then({ state: { balance: 101 } })).message).toContain(
      "State of a replay:\n  { balance: 6 }",
    );
  });

  it("is found in a decider that changes the initial state, which all share", () => {
    const spoiling: Decider<Deposit, { balance: number }, AmountDeposited> = {
      type: "Account",
      initial: { balance: 0 },
      evolve: (state, event) => Object.assign(state, { balance: state.balance + event.amount }),
      decide: ({ amount }) => [deposited(amount)],
    };
    expect(
      broken(() =>
        specify(spoiling)
          .when(new Deposit({ amount: 1 }))
          .then([deposited(1)]),
      ).message,
    ).toContain("its initial state was changed");
  });

  it("is no state whose missing property is undefined: JSON leaves it out", () => {
    const noting: Decider<Deposit, { note?: string | undefined }, AccountOpened> = {
      type: "Account",
      initial: {},
      evolve: (state, event) => ({ ...state, ...event }),
      decide: () => [new AccountOpened({ owner: "Ann", note: undefined })],
    };
    specify(noting)
      .when(new Deposit({ amount: 1 }))
      .then([new AccountOpened({ owner: "Ann", note: undefined })]);
  });

  it("passes where a state cannot be copied", () => {
    const functions: Decider<Deposit, { read(): number }, AmountDeposited> = {
      type: "Account",
      initial: { read: Math.random },
      evolve: (state) => state,
      decide: ({ amount }) => [deposited(amount)],
    };
    specify(functions)
      .when(new Deposit({ amount: 1 }))
      .then([deposited(1)]);
  });
});

describe("a history", () => {
  it("that cannot be replayed fails with what was thrown", () => {
    class Strict extends AggregateRoot {
      static readonly type = "Strict";
      constructor(id: string) {
        super(id);
        this.register(Anything, ({ value }) => {
          throw value;
        });
      }
    }
    const error = broken(() =>
      specify(Strict)
        .given([new Anything({ value: new RangeError("Too far.") })])
        .when(() => undefined),
    );
    expect(error.message).toContain(
      "Strict: after 1 event, undefined: its events cannot be replayed: RangeError: Too far.\nEvents:\n  1. Anything",
    );
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  it.each([[[{ amount: 5 }]], [[undefined]], ["text"], [deposited(1)], [[new Deposit({ amount: 1 })]]])(
    "that is no list of events is refused: %j",
    (history) => {
      expect(() => account.given(history as never)).toThrow(InvalidArgument);
    },
  );

  it("may be longer than a page", () => {
    const history = Array.from({ length: 1_000 }, () => deposited(1));
    account
      .given(history)
      .when((one) => one.withdraw(1_000))
      .then((one) => expect(one.balance).toBe(0));
  });
});
