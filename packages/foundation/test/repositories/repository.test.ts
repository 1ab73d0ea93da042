import {
  AggregateNotFound,
  AggregateRoot,
  boundedContext,
  connect,
  InvalidArgument,
  WrongExpectedVersion,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { versionsIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";

describe.each(everyStore)("a repository on $name", ({ open }) => {
  it("H1: loads an aggregate of 3000 events in order, across pages", async () => {
    const { accounts } = openBank(await open());
    const account = new Account("a-1");
    for (let batch = 0; batch < 6; batch++) {
      for (let index = 1; index <= 250; index++) {
        account.deposit(index);
        account.withdraw(index);
      }
      await accounts.save(account);
    }
    const loaded = await accounts.getById("a-1");
    expect(loaded.balance).toBe(0);
    expect(loaded.expectedVersion).toBe(2999);
  });

  it("H1: saves 1500 events at once", async () => {
    const { accounts } = openBank(await open());
    const result = await accounts.save(accountWith("a-1", ...Array.from({ length: 1500 }, (_, index) => index)));
    expect(result).toEqual({ events: 1500, position: 1499, repeated: false });
    const loaded = await accounts.getById("a-1");
    expect(loaded.balance).toBe((1499 * 1500) / 2);
    expect(loaded.expectedVersion).toBe(1499);
  });

  it.each([249, 250, 251, 500])("H1: loads exactly the %i events there are", async (count) => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", ...Array.from({ length: count }, () => 1)));
    const loaded = await accounts.getById("a-1");
    expect(loaded.balance).toBe(count);
    expect(loaded.expectedVersion).toBe(count - 1);
  });

  it("H3: says which aggregate there is none of", async () => {
    const { accounts } = openBank(await open());
    const missing = accounts.getById("a-1");
    await expect(missing).rejects.toBeInstanceOf(AggregateNotFound);
    await expect(missing).rejects.toMatchObject({ code: "aggregate-not-found", details: { type: "Account", id: "a-1" } });
  });

  it("H3: answers nothing where there is no aggregate to try", async () => {
    expect(await openBank(await open()).accounts.tryGetById("a-1")).toBeUndefined();
  });

  it("H5: writes nothing for an aggregate without new events", async () => {
    const { accounts, store } = openBank(await open());
    const untouched = new Account("a-1");
    expect(await accounts.save(untouched)).toEqual({ events: 0, position: null, repeated: false });
    expect(untouched.expectedVersion).toBe("noStream");
    expect(await accounts.tryGetById("a-1")).toBeUndefined();
    await accounts.save(accountWith("a-1", 5));
    await accounts.save(await accounts.getById("a-1"));
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("H6: has nothing pending after a save, and can change and be saved again and again", async () => {
    const { accounts, store } = openBank(await open());
    const account = new Account("a-1");
    for (let round = 0; round < 3; round++) {
      account.deposit(1);
      account.deposit(2);
      await accounts.save(account);
      expect(account.pendingEvents).toEqual([]);
      expect(account.expectedVersion).toBe(2 * round + 1);
    }
    expect(await versionsIn(store, STREAM)).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await accounts.getById("a-1")).balance).toBe(9);
  });

  it("H7: refuses the second of two copies that changed, and keeps the first's events only", async () => {
    const { accounts, store } = openBank(await open());
    await accounts.save(accountWith("a-1", 100));
    const [first, second] = [await accounts.getById("a-1"), await accounts.getById("a-1")];
    first.withdraw(60);
    second.withdraw(70);
    await accounts.save(first);
    const conflict = accounts.save(second);
    await expect(conflict).rejects.toBeInstanceOf(WrongExpectedVersion);
    await expect(conflict).rejects.toMatchObject({ retryable: true, stream: STREAM, expected: 0, actual: 1 });
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
    expect((await accounts.getById("a-1")).balance).toBe(40);
  });

  it("H7: refuses a new aggregate whose id is taken", async () => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    await expect(accounts.save(accountWith("a-1", 7))).rejects.toMatchObject({ expected: "noStream", actual: 0 });
  });

  it("tells the position of the last event it saved", async () => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 1, 2));
    expect(await accounts.save(accountWith("a-2", 1, 2, 3))).toEqual({ events: 3, position: 4, repeated: false });
  });

  it("refuses a blank id when asked for it", async () => {
    await expect(openBank(await open()).accounts.getById("  ")).rejects.toBeInstanceOf(InvalidArgument);
  });

  it("refuses an aggregate of another class, which the compiler takes for its own", async () => {
    class Safe extends AggregateRoot {
      static readonly type = "Safe";
      fill(amount: number): void {
        this.raise(new AmountDeposited({ accountId: this.id, amount }));
      }
    }
    class Drawer extends AggregateRoot {
      static readonly type = "Drawer";
      fill(amount: number): void {
        this.raise(new AmountDeposited({ accountId: this.id, amount }));
      }
    }
    const store = await open();
    const shop = connect(boundedContext("shop", { aggregates: [Safe, Drawer], events: [AmountDeposited] }), store);
    const drawer = new Drawer("1");
    drawer.fill(5);
    for (const safes of [shop.repository(Safe), shop.correlatedRepository(Safe)]) {
      await expect(safes.save(drawer)).rejects.toMatchObject({ code: "invalid-argument", details: { argument: "aggregate" } });
    }
    expect(drawer.pendingEvents).toHaveLength(1);
    expect(await versionsIn(store, "shop.safe-1")).toEqual([]);
  });

  it("F4: a signal that is aborted ends the load and the save before they begin", async () => {
    const { accounts } = openBank(await open());
    const account = accountWith("a-1", 5);
    const signal = AbortSignal.abort(new Error("no longer wanted"));
    await expect(accounts.save(account, { signal })).rejects.toThrow("no longer wanted");
    expect(account.pendingEvents).toHaveLength(1);
    await accounts.save(account);
    await expect(accounts.getById("a-1", { signal })).rejects.toThrow("no longer wanted");
  });
});
