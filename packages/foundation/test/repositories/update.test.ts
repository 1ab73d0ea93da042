import {
  CommandAlreadyApplied,
  createInMemoryStore,
  metadataOf,
  version,
  WrongExpectedVersion,
  type EventStore,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, Deposit, InsufficientFunds, openBank } from "../banking.ts";
import { Outage, withFaults, withWrite } from "../fault-store.ts";
import { storedIn, versionsIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";
const deposit = (amount = 5): Deposit => new Deposit({ accountId: "a-1", amount });

async function openWith(balance: number, store: EventStore) {
  const opened = openBank(store);
  await opened.accounts.save(accountWith("a-1", balance));
  return { ...opened, correlated: opened.bank.correlatedRepository(Account) };
}

describe.each(everyStore)("an update on $name", ({ open }) => {
  it("loads, changes and saves, and tells what the change returned", async () => {
    const { accounts } = await openWith(10, await open());
    const result = await accounts.update("a-1", (account) => {
      account.deposit(5);
      return account.balance;
    });
    expect(result).toEqual({ events: 1, position: 1, repeated: false, value: 15 });
    expect((await accounts.getById("a-1")).balance).toBe(15);
  });

  it("waits for a change that takes time, and writes nothing for one that changes nothing", async () => {
    const { accounts, store } = await openWith(10, await open());
    const { value } = await accounts.update("a-1", async (account) => Promise.resolve(account.balance));
    expect(value).toBe(10);
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("H3: says which aggregate there is none of, and does not change anything", async () => {
    const { accounts, correlated } = await openWith(10, await open());
    let changes = 0;
    const count = (): number => changes++;
    await expect(accounts.update("a-2", count)).rejects.toMatchObject({ code: "aggregate-not-found", details: { id: "a-2" } });
    await expect(correlated.update("a-2", deposit(), count)).rejects.toMatchObject({ code: "aggregate-not-found" });
    expect(changes).toBe(0);
  });

  it("A8: continues the chain of the command", async () => {
    const { bank, correlated, store } = await openWith(10, await open());
    const command = deposit(7);
    await correlated.update("a-1", command, (account) => account.deposit(command.amount));
    const [, stored] = await storedIn(store, STREAM);
    const [event] = stored === undefined ? [] : await bank.serializer.deserialize(stored);
    expect(event && metadataOf(event).causationId).toBe(metadataOf(command).id);
  });

  it("decides again on the new state when another writer was first", async () => {
    const { accounts } = await openWith(10, await open());
    const seen: number[] = [];
    await accounts.update("a-1", async (account) => {
      seen.push(account.balance);
      if (seen.length === 1) await accounts.update("a-1", (other) => other.deposit(100));
      account.withdraw(10);
    });
    expect(seen).toEqual([10, 110]);
    expect((await accounts.getById("a-1")).balance).toBe(100);
  });

  it("refuses on the new state what was allowed on the old one", async () => {
    const { accounts, store } = await openWith(10, await open());
    let changes = 0;
    const update = accounts.update("a-1", async (account) => {
      if (changes++ === 0) await accounts.update("a-1", (other) => other.withdraw(8));
      account.withdraw(5);
    });
    await expect(update).rejects.toBeInstanceOf(InsufficientFunds);
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
  });

  it("gives up after so many attempts, with the last conflict, and waits longer from one to the next", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { accounts, store } = await openWith(10, createInMemoryStore());
      const others = openBank(store).accounts;
      const times: number[] = [];
      const update = accounts.update(
        "a-1",
        async (account) => {
          times.push(test.clock.now());
          await others.update("a-1", (other) => other.deposit(1));
          account.deposit(1);
        },
        { attempts: 4, minDelayMs: 100, maxDelayMs: 1000 },
      );
      await expect(update).rejects.toMatchObject({ code: "wrong-expected-version", retryable: true });
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(waits).toHaveLength(3);
      for (const [index, wait] of waits.entries()) {
        expect(wait).toBeGreaterThanOrEqual(100);
        expect(wait).toBeLessThanOrEqual(Math.min(1000, 100 * 2 ** (index + 1)));
      }
    });
  });

  it("of many at once in one process all are done, each in its turn", async () => {
    const { accounts, store } = await openWith(0, await open());
    await Promise.all(Array.from({ length: 60 }, () => accounts.update("a-1", (account) => account.deposit(1), { maxDelayMs: 10_000 })));
    expect((await accounts.getById("a-1")).balance).toBe(60);
    expect(await versionsIn(store, STREAM)).toHaveLength(61);
  });

  it("within an update of the same aggregate waits for it no longer than for a conflict", async () => {
    const { accounts, store } = await openWith(10, await open());
    const others = openBank(store).accounts;
    let changes = 0;
    await accounts.update(
      "a-1",
      async (account) => {
        changes++;
        if (changes === 1) await others.update("a-1", (other) => other.deposit(1));
        if (changes === 2) await accounts.update("a-1", (other) => other.deposit(1), { maxDelayMs: 20 });
        account.deposit(1);
      },
      { maxDelayMs: 20 },
    );
    expect(changes).toBe(3);
    expect((await accounts.getById("a-1")).balance).toBe(13);
  });

  it("that is given up while it waits for its turn lets the next one have it", async () => {
    const { accounts, store } = await openWith(0, await open());
    const others = openBank(store).accounts;
    const stop = new AbortController();
    let [goOn, isAgain] = [(): void => undefined, (): void => undefined];
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let changes = 0;
    const again = new Promise<void>((resolve) => {
      isAgain = resolve;
    });
    const first = accounts.update("a-1", async (account) => {
      if (changes++ === 0) await others.update("a-1", (other) => other.deposit(1));
      else {
        isAgain();
        await held;
      }
      account.deposit(1);
    });
    await again;
    const options = { maxDelayMs: 60_000 };
    const waiting = accounts.update("a-1", (account) => account.deposit(1), { ...options, signal: stop.signal });
    const next = accounts.update("a-1", (account) => account.deposit(1), options);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    goOn();
    await Promise.all([first, next]);
    expect((await accounts.getById("a-1")).balance).toBe(3);
  });

  it.each([undefined, null, "deposit", 5])("refuses %j in the place of a change", async (change) => {
    const { accounts } = openBank(await open());
    await expect(accounts.update("a-1", change as never)).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(accounts.update("a-1", () => 1, null as never)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it.each([undefined, null, "Deposit", {}])("refuses %j in the place of a message", async (message) => {
    const { correlated, store } = await openWith(10, await open());
    const attempts = [
      () => correlated.update("a-1", message as never, (account) => account.deposit(1)),
      () => correlated.getById("a-1", message as never),
      () => correlated.tryGetById("a-1", message as never),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("does not try again what failed for another reason, and leaves nothing behind", async () => {
    const { store } = await openWith(10, await open());
    const { accounts } = openBank(withFaults(store, ["before"]));
    let changes = 0;
    const update = accounts.update("a-1", (account) => {
      changes++;
      account.deposit(1);
    });
    await expect(update).rejects.toBeInstanceOf(Outage);
    expect(changes).toBe(1);
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("ends a wait between attempts when its signal is aborted", async () => {
    const { store } = await openWith(10, await open());
    const stop = new AbortController();
    const conflicting = withWrite(store, async () => {
      setImmediate(() => stop.abort(new Error("stopped")));
      throw new WrongExpectedVersion(STREAM, version(0), version(1));
    });
    const update = openBank(conflicting).accounts.update("a-1", (account) => account.deposit(1), {
      attempts: 1_000,
      minDelayMs: 60_000,
      maxDelayMs: 60_000,
      signal: stop.signal,
    });
    await expect(update).rejects.toThrow("stopped");
  });

  it.each([
    [{ attempts: 0 }, "attempts of an update must be an integer from 1"],
    [{ minDelayMs: 0 }, "minDelayMs of an update must be a number above 0"],
    [{ minDelayMs: 10, maxDelayMs: 5 }, "maxDelayMs of an update must be at least minDelayMs (10)"],
  ])("refuses %o before anything is read", async (options, message) => {
    const { accounts } = openBank(await open());
    await expect(accounts.update("a-1", (account) => account.deposit(1), options)).rejects.toThrow(message);
  });

  it("says that a command was carried out before, whatever the aggregate would say now", async () => {
    const { correlated } = await openWith(10, await open());
    const command = deposit();
    await correlated.update("a-1", command, (account) => account.withdraw(10));
    const again = correlated.update("a-1", command, (account) => account.withdraw(10));
    await expect(again).rejects.toBeInstanceOf(CommandAlreadyApplied);
  });
});
