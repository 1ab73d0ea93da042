import { AssertionError } from "node:assert";
import { specify } from "@reactive-domain/testing";
import { InvalidArgument } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accounts, AmountDeposited, Deposit } from "./accounts.ts";

// Typed as nothing: the compiler refuses to await what expects nothing.
const idle: unknown = specify(Account).when(() => undefined);
const decided: unknown = specify(accounts).when(new Deposit({ amount: 1 }));

/** What a test runner does with what a test returns. */
async function settle(returned: unknown): Promise<unknown> {
  return Promise.resolve(returned).then(
    () => "passed",
    (error: unknown) => error,
  );
}

describe("a case without an expectation", () => {
  it.each([
    ["awaited", idle],
    ["awaited, of a decider", decided],
  ])("fails where it is %s", async (_, outcome) => {
    let error: unknown = "passed";
    try {
      await outcome;
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({
      message: expect.stringContaining("it was awaited, and expects nothing. Say what is expected: .then([...])."),
    });
  });

  it("fails where it is returned to a test runner, alone or from an async function, or among others", async () => {
    const returned = async (): Promise<unknown> => decided;
    for (const outcome of [settle(idle), settle(returned()), settle(Promise.all([idle, Promise.resolve()]))])
      expect(await outcome).toBeInstanceOf(AssertionError);
  });
});

describe("a function that returns a promise", () => {
  const late = async (account: Account): Promise<void> => {
    await Promise.resolve();
    account.deposit(1);
    throw new InvalidArgument("nothing", "heard of this", "unhandled");
  };

  it("is refused at the call, also when it fails later, and cannot pass for a refusal", () => {
    expect(() => specify(Account).when(late)).toThrow(/What is done \(late\) must be done at once, but is "a promise"/);
  });

  it("is refused where a handle does, too", () => {
    const spec = specify(Account, {
      handle: (account: Account, { amount }: Deposit): unknown => (amount === 1 ? late(account) : undefined),
    });
    expect(() => spec.when(new Deposit({ amount: 1 }))).toThrow(InvalidArgument);
  });

  it("is not one that returns something else, which is passed over", () => {
    specify(Account)
      .when((account) => {
        account.deposit(1);
        return { done: true };
      })
      .then([new AmountDeposited({ amount: 1 })]);
  });
});
