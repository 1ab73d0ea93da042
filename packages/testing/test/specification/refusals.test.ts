import { specify } from "@reactive-domain/testing";
import { InvalidArgument, ReactiveDomainError } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accounts, AmountDeposited, InsufficientFunds, Refused, Withdraw } from "./accounts.ts";
import { broken } from "./broken.ts";

const poor = specify(Account).given([new AmountDeposited({ amount: 5 })]);
const withdrawing = poor.when((account) => account.withdraw(6));
const throwing = (thrown: unknown) =>
  poor.when(() => {
    throw thrown;
  });

describe("a refusal", () => {
  it("is expected by its class, or one that it derives from", () => {
    withdrawing.then(InsufficientFunds);
    withdrawing.then(Refused);
    withdrawing.then(ReactiveDomainError);
    specify(accounts)
      .when(new Withdraw({ amount: 1 }))
      .then(InsufficientFunds);
  });

  it("is expected by an error of the same class, code and message", () => {
    withdrawing.then(new InsufficientFunds(6));
    specify(accounts)
      .when(new Withdraw({ amount: 1 }))
      .then(new InsufficientFunds(1));
    expect(broken(() => withdrawing.then(new InsufficientFunds(7))).message).toContain(
      "refused with InsufficientFunds (insufficient-funds): There is less than 7., got InsufficientFunds (insufficient-funds): There is less than 6.",
    );
    expect(broken(() => withdrawing.then(new Refused("insufficient-funds", "There is less than 6."))).operator).toBe("specification");
    const coded = throwing(new Refused("a"));
    coded.then(new Refused("a"));
    expect(broken(() => coded.then(new Refused("b"))).message).toContain(
      "expected to be refused with Refused (b): No., got Refused (a): No.",
    );
  });

  it("is expected by its code", () => {
    withdrawing.then({ code: "insufficient-funds" });
    throwing({ code: "x" }).then({ code: "x" });
    expect(broken(() => withdrawing.then({ code: "insufficient" })).message).toContain(
      "expected to be refused with the code insufficient, got InsufficientFunds",
    );
    expect(broken(() => throwing("x").then({ code: "x" })).message).toContain("got 'x'");
  });

  it("of another class is none: it is told, and is the cause", () => {
    const error = broken(() => throwing(new TypeError("Oops.")).then(InsufficientFunds));
    expect(error.message).toBe(
      "Account: after 1 event, throw thrown;: expected to be refused with InsufficientFunds, got TypeError: Oops.",
    );
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.actual).toEqual({ error: "TypeError", code: undefined, message: "Oops." });
    expect(error.expected).toEqual({ error: "InsufficientFunds" });
  });

  it("by Error is an Error, and not what a bug throws", () => {
    throwing(new Error("No.")).then(Error);
    expect(broken(() => throwing(new TypeError("Oops.")).then(Error)).message).toContain("got TypeError");
    expect(broken(() => withdrawing.then(Error)).message).toContain("got InsufficientFunds");
  });

  it("is missed where it is done: what was raised is shown", () => {
    const error = broken(() => poor.when((account) => account.withdraw(5)).then(InsufficientFunds));
    expect(error.message).toBe(
      "Account: after 1 event, account.withdraw(5): expected to be refused with InsufficientFunds, but was done.\nGot:\n  1. AmountDeposited { amount: -5 }",
    );
    expect(error.actual).toEqual([{ type: "AmountDeposited", payload: { amount: -5 } }]);
    expect(broken(() => poor.when(() => undefined).then({ code: "x" })).message).toContain("but was done");
  });

  it("after something was recorded is not one: the next save would write it", () => {
    const half = poor.when((account) => {
      account.deposit(1);
      account.withdraw(7);
    });
    for (const expected of [InsufficientFunds, new InsufficientFunds(7), { code: "insufficient-funds" }] as const) {
      const error = broken(() => half.then(expected));
      expect(error.message).toContain(
        "refused as expected, but 1 event had been recorded by then, which the next save writes.\nRecorded:\n  1. AmountDeposited { amount: 1 }",
      );
      expect(error.cause).toBeInstanceOf(InsufficientFunds);
    }
  });

  it("that changes the state is found", () => {
    const spoiling = poor.when((account) => {
      account.balance++;
      account.withdraw(10);
    });
    expect(broken(() => spoiling.then(InsufficientFunds)).message).toContain("its state does not follow from its events");
  });
});

describe("what is expected", () => {
  it.each([[undefined], [null], ["insufficient-funds"], [{ code: 5 }], [{ code: "a", message: "b" }], [{}], [{ state: { balance: 0 } }]])(
    "is refused where it is nothing of that: %j",
    (expected) => {
      expect(() => withdrawing.then(expected as never)).toThrow(InvalidArgument);
      expect(() => poor.when(() => undefined).then(expected as never)).toThrow(InvalidArgument);
    },
  );

  it("is not an event outside of a list, though it has a code", () => {
    const event = Object.assign(new AmountDeposited({ amount: 1 }), { code: "x" });
    Reflect.deleteProperty(event, "amount");
    expect(() => throwing({ code: "x" }).then(event as never)).toThrow(InvalidArgument);
  });
});
