import { InvalidArgument, version } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited } from "../banking.ts";

const deposited = (amount: number): AmountDeposited => new AmountDeposited({ accountId: "a-1", amount });

describe("the expected version of an aggregate", () => {
  it("is the version of the last event that it was restored from", () => {
    const account = new Account("a-1");
    account.restoreFromEvents([deposited(1), deposited(2)], version(41));
    expect(account.expectedVersion).toBe(41);
    expect(account.balance).toBe(3);
  });

  it("moves on with what others have written", () => {
    const account = new Account("a-1");
    account.restoreFromEvents([deposited(1)], version(0));
    account.updateWithEvents([deposited(2), deposited(4)], version(2));
    expect(account.expectedVersion).toBe(2);
    expect(account.balance).toBe(7);
  });

  it("moves past as many events as are taken, and keeps the rest", () => {
    const account = accountWith("a-1", 1, 2, 4);
    expect(account.takeEvents(2)).toEqual([deposited(1), deposited(2)]);
    expect(account.expectedVersion).toBe(1);
    expect(account.pendingEvents).toEqual([deposited(4)]);
    expect(account.takeEvents(0)).toEqual([]);
    expect(account.expectedVersion).toBe(1);
    expect(account.takeEvents(5)).toEqual([deposited(4)]);
    expect(account.expectedVersion).toBe(2);
  });

  it("counts on from the version it was restored at", () => {
    const account = new Account("a-1");
    account.restoreFromEvents([deposited(1)], version(9));
    account.deposit(2);
    account.deposit(4);
    account.takeEvents();
    expect(account.expectedVersion).toBe(11);
  });

  it("does not move while events are pending", () => {
    const account = accountWith("a-1", 1, 2);
    expect(account.expectedVersion).toBe("noStream");
  });
});

describe("an aggregate refuses a history", () => {
  it("a second time", () => {
    const account = new Account("a-1");
    account.restoreFromEvents([deposited(1)], version(0));
    expect(() => account.restoreFromEvents([deposited(1)], version(0))).toThrow(InvalidArgument);
    expect(account.balance).toBe(1);
  });

  it("after something has happened", () => {
    const account = accountWith("a-1", 5);
    expect(() => account.restoreFromEvents([deposited(1)], version(0))).toThrow(InvalidArgument);
    expect(account.balance).toBe(5);
  });

  it("of others while it has pending events", () => {
    const account = accountWith("a-1", 5);
    expect(() => account.updateWithEvents([deposited(1)], version(0))).toThrow(
      "The number of pending events of Account a-1 at an update must be 0, but is 1. Take them first.",
    );
    expect(account.balance).toBe(5);
  });

  it("that is not ahead of what it knows", () => {
    const account = new Account("a-1");
    account.restoreFromEvents([deposited(1)], version(3));
    expect(() => account.updateWithEvents([deposited(1)], version(3))).toThrow(InvalidArgument);
    expect(account.expectedVersion).toBe(3);
    expect(account.balance).toBe(1);
  });
});
