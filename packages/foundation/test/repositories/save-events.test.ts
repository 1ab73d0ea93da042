import { AggregateRoot, SaveInProgress, WrongExpectedVersion, type EventStore } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, openBank } from "../banking.ts";
import { Outage, withFaults, withWrite, type WriteFault } from "../fault-store.ts";
import { Gate } from "../gate.ts";
import { storedIn, versionsIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";

/** A bank beside a second one on the same store whose writes fail as planned. */
function openFaulty(store: EventStore, ...faults: readonly WriteFault[]) {
  const { accounts: others } = openBank(store);
  return { store, others, ...openBankOn(withFaults(store, faults)) };
}

function openBankOn(store: EventStore) {
  const { bank, accounts } = openBank(store);
  return { bank, accounts };
}

describe.each(everyStore)("a save that fails on $name", ({ open }) => {
  it("H8: on a conflict, leaves pending events, version and state as they were", async () => {
    const { accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 100));
    const [first, second] = [await accounts.getById("a-1"), await accounts.getById("a-1")];
    first.deposit(1);
    second.deposit(2);
    second.deposit(4);
    await accounts.save(first);
    const pending = [...second.pendingEvents];
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(accounts.save(second)).rejects.toBeInstanceOf(WrongExpectedVersion);
      expect(second.pendingEvents).toEqual(pending);
      expect(second.expectedVersion).toBe(0);
      expect(second.balance).toBe(106);
    }
  });

  it("H8: before anything was written, can be repeated and then writes once", async () => {
    const { accounts, store } = openFaulty(await open(), "before");
    const account = accountWith("a-1", 1, 2);
    await expect(accounts.save(account)).rejects.toBeInstanceOf(Outage);
    expect(account.pendingEvents).toHaveLength(2);
    expect(account.expectedVersion).toBe("noStream");
    expect(await accounts.save(account)).toEqual({ events: 2, position: 1, repeated: false });
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
    expect(account.expectedVersion).toBe(1);
  });

  it("H8: after everything was written, can be repeated and has written once (unknown outcome)", async () => {
    const { accounts, store } = openFaulty(await open(), "after");
    const account = accountWith("a-1", 1, 2);
    await expect(accounts.save(account)).rejects.toBeInstanceOf(Outage);
    expect(account.pendingEvents).toHaveLength(2);
    expect(await accounts.save(account)).toEqual({ events: 2, position: 1, repeated: true });
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
    expect(account.expectedVersion).toBe(1);
    account.deposit(4);
    await accounts.save(account);
    expect((await accounts.getById("a-1")).balance).toBe(7);
  });

  it("H8: with an unknown outcome, is answered as the first time although others have written since", async () => {
    const { accounts, others } = openFaulty(await open(), "after");
    const account = accountWith("a-1", 1);
    await expect(accounts.save(account)).rejects.toBeInstanceOf(Outage);
    const other = await others.getById("a-1");
    other.deposit(10);
    await others.save(other);
    expect(await accounts.save(account)).toEqual({ events: 1, position: 0, repeated: true });
    expect(account.expectedVersion).toBe(0);
    account.deposit(2);
    await expect(accounts.save(account)).rejects.toBeInstanceOf(WrongExpectedVersion);
  });

  it("H8: with an unknown outcome and further changes, is refused rather than written in part", async () => {
    const { accounts, store } = openFaulty(await open(), "after");
    const account = accountWith("a-1", 1);
    await expect(accounts.save(account)).rejects.toBeInstanceOf(Outage);
    account.deposit(2);
    await expect(accounts.save(account)).rejects.toMatchObject({ code: "event-already-recorded" });
    expect(account.pendingEvents).toHaveLength(2);
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });
});

describe.each(everyStore)("saving while a save is under way on $name", ({ open }) => {
  /** A bank whose writes wait at a gate. */
  async function openSlow() {
    const store = await open();
    const gate = new Gate();
    const slow = withWrite(store, async (items, options) => {
      await gate.pass();
      return store.write(items, options);
    });
    return { gate, store, ...openBankOn(slow) };
  }

  it("is refused, and the first save goes on", async () => {
    const { accounts, gate, store } = await openSlow();
    const account = accountWith("a-1", 5);
    const first = accounts.save(account);
    await expect(accounts.save(account)).rejects.toBeInstanceOf(SaveInProgress);
    await expect(accounts.save(account)).rejects.toMatchObject({ code: "save-in-progress", retryable: true, details: { stream: STREAM } });
    gate.open();
    expect(await first).toMatchObject({ events: 1, repeated: false });
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("is refused by another repository and by saving several at once, too", async () => {
    const { accounts, bank, gate } = await openSlow();
    const account = accountWith("a-1", 5);
    const first = accounts.save(account);
    await expect(bank.repository(Account).save(account)).rejects.toBeInstanceOf(SaveInProgress);
    await expect(bank.saveAll([accountWith("a-2", 1), account])).rejects.toBeInstanceOf(SaveInProgress);
    gate.open();
    await first;
    account.deposit(1);
    expect(await bank.saveAll([account])).toMatchObject({ events: 1 });
  });

  it("loses no event that is raised meanwhile", async () => {
    const { accounts, gate, store } = await openSlow();
    const account = accountWith("a-1", 5);
    const first = accounts.save(account);
    account.deposit(7);
    gate.open();
    expect(await first).toMatchObject({ events: 1 });
    expect(account.expectedVersion).toBe(0);
    expect(account.pendingEvents).toHaveLength(1);
    expect(await accounts.save(account)).toEqual({ events: 1, position: 1, repeated: false });
    expect((await storedIn(store, STREAM)).map(({ data }) => data)).toEqual([
      '{"accountId":"a-1","amount":5}',
      '{"accountId":"a-1","amount":7}',
    ]);
  });
});

describe.each(everyStore)("saving several aggregates in one write on $name", ({ open }) => {
  it("writes all of their events, and leaves alone those that have none", async () => {
    const { bank, store } = openBank(await open());
    const [first, second, third] = [accountWith("a-1", 1), accountWith("a-2", 2, 3), new Account("a-3")];
    expect(await bank.saveAll([first, second, third])).toEqual({ events: 3, position: 2, repeated: false });
    expect([first, second, third].map(({ expectedVersion }) => expectedVersion)).toEqual([0, 1, "noStream"]);
    expect(await versionsIn(store, "banking.account-a-2")).toEqual([0, 1]);
    expect(await versionsIn(store, "banking.account-a-3")).toEqual([]);
    expect(await bank.saveAll([first, third])).toEqual({ events: 0, position: null, repeated: false });
  });

  it("H8: writes none of them when one conflicts, and each is as it was", async () => {
    const { bank, accounts, store } = openBank(await open());
    await accounts.save(accountWith("a-2", 1));
    const [fresh, taken] = [accountWith("a-1", 5), accountWith("a-2", 5)];
    await expect(bank.saveAll([fresh, taken])).rejects.toMatchObject({ code: "wrong-expected-version", stream: "banking.account-a-2" });
    expect(await versionsIn(store, STREAM)).toEqual([]);
    expect(fresh.pendingEvents).toHaveLength(1);
    expect(taken.pendingEvents).toHaveLength(1);
    expect(await accounts.save(fresh)).toMatchObject({ events: 1 });
  });

  it("H8: can be repeated after an unknown outcome, and has written once", async () => {
    const { bank, store } = openFaulty(await open(), "after");
    const [first, second] = [accountWith("a-1", 1), accountWith("a-2", 2)];
    await expect(bank.saveAll([first, second])).rejects.toBeInstanceOf(Outage);
    expect(await bank.saveAll([first, second])).toEqual({ events: 2, position: 1, repeated: true });
    expect(await versionsIn(store, STREAM)).toEqual([0]);
    expect(await versionsIn(store, "banking.account-a-2")).toEqual([0]);
  });

  it("refuses an aggregate of a class that the context does not list, by its promise", async () => {
    class Vault extends AggregateRoot {
      static readonly type = "Vault";
    }
    const { bank } = openBank(await open());
    const account = accountWith("a-1", 5);
    const refused = bank.saveAll([account, new Vault("v-1")]);
    await expect(refused).rejects.toMatchObject({ code: "invalid-argument" });
    expect(account.pendingEvents).toHaveLength(1);
  });

  it("refuses one aggregate that is named twice", async () => {
    const { bank, store } = openBank(await open());
    const account = accountWith("a-1", 5);
    await expect(bank.saveAll([account, account])).rejects.toMatchObject({ code: "invalid-write" });
    expect(await versionsIn(store, STREAM)).toEqual([]);
    expect(await bank.saveAll([account])).toMatchObject({ events: 1 });
  });
});
