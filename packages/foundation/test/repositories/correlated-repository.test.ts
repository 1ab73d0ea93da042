import {
  CommandAlreadyApplied,
  derivedId,
  MessageBuilder,
  metadataOf,
  UnitOfWorkEnded,
  type EventStore,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, Deposit, openBank, OpenAccount } from "../banking.ts";
import { Outage, withFaults } from "../fault-store.ts";
import { storedIn, versionsIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";
const deposit = (amount = 5): Deposit => new Deposit({ accountId: "a-1", amount });

function openCorrelated(store: EventStore) {
  const opened = openBank(store);
  return { ...opened, correlated: opened.bank.correlatedRepository(Account) };
}

async function idsIn(store: EventStore): Promise<readonly string[]> {
  return (await storedIn(store, STREAM)).map(({ id }) => id);
}

describe.each(everyStore)("a correlated repository on $name", ({ open }) => {
  it("H13: the next events of an aggregate fetched for a command continue the command's chain, in the store too", async () => {
    const { accounts, bank, correlated, store } = openCorrelated(await open());
    await accounts.save(accountWith("a-1", 5));
    const command = MessageBuilder.create(deposit(), { actor: "ann" });
    const account = await correlated.getById("a-1", command);
    account.deposit(7);
    await correlated.save(account);
    const [, stored] = await storedIn(store, STREAM);
    const [event] = stored === undefined ? [] : await bank.serializer.deserialize(stored);
    const { id, correlationId } = metadataOf(command);
    expect(event && metadataOf(event)).toMatchObject({ id: derivedId(id, STREAM, 0), causationId: id, correlationId, actor: "ann" });
  });

  it("H13: a plain fetch has no command, whatever the aggregate was saved for", async () => {
    const { accounts, correlated } = openCorrelated(await open());
    const account = correlated.create("a-1", deposit());
    account.deposit(5);
    await correlated.save(account);
    const fetched = await accounts.getById("a-1");
    fetched.deposit(7);
    const [metadata] = fetched.pendingEvents.map((event) => metadataOf(event));
    expect(metadata).not.toHaveProperty("causationId");
    expect(metadata?.correlationId).toBe(metadata?.id);
  });

  it("H15: save and continue keeps the unit of work open, and all events carry the one command", async () => {
    const { correlated, store, bank } = openCorrelated(await open());
    const command = deposit();
    const account = correlated.create("a-1", command);
    for (const amount of [1, 2]) {
      account.deposit(amount);
      expect(await correlated.saveAndContinue(account)).toMatchObject({ events: 1 });
      expect(account.pendingEvents).toEqual([]);
    }
    account.deposit(3);
    account.deposit(4);
    await correlated.save(account);
    expect(() => account.deposit(5)).toThrow(UnitOfWorkEnded);
    const stored = await storedIn(store, STREAM);
    const { id, correlationId } = metadataOf(command);
    expect(stored.map((event) => event.id)).toEqual([0, 1, 2, 3].map((ordinal) => derivedId(id, STREAM, ordinal)));
    for (const event of stored) {
      const [message] = await bank.serializer.deserialize(event);
      expect(message && metadataOf(message)).toMatchObject({ causationId: id, correlationId });
    }
    expect((await correlated.getById("a-1", deposit())).expectedVersion).toBe(3);
  });

  it("H15: a save and continue that failed leaves nothing armed: the same events are saved, and the unit ends", async () => {
    const { correlated, store } = openCorrelated(withFaults(await open(), ["before", "after"]));
    const account = correlated.create("a-1", deposit());
    account.deposit(1);
    const before = account.pendingEvents;
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(correlated.saveAndContinue(account)).rejects.toBeInstanceOf(Outage);
      expect(account.pendingEvents).toEqual(before);
      expect(account.expectedVersion).toBe("noStream");
    }
    expect(await correlated.save(account)).toMatchObject({ events: 1, repeated: true });
    expect(() => account.deposit(2)).toThrow(UnitOfWorkEnded);
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("H15: save and continue is of the repository's own aggregates, as save is", async () => {
    const { correlated } = openCorrelated(await open());
    await expect(correlated.saveAndContinue(accountWith("a-1", 5))).rejects.toMatchObject({ code: "invalid-argument" });
    const account = correlated.create("a-2", deposit());
    expect(await correlated.saveAndContinue(account)).toEqual({ events: 0, position: null, repeated: false });
    account.deposit(1);
    expect(await correlated.save(account)).toMatchObject({ events: 1 });
  });

  it("H14: a saved aggregate may raise no more until it is fetched again", async () => {
    const { correlated } = openCorrelated(await open());
    const account = correlated.create("a-1", deposit());
    account.deposit(5);
    await correlated.save(account);
    expect(() => account.deposit(7)).toThrow(UnitOfWorkEnded);
    const fetched = await correlated.getById("a-1", deposit());
    fetched.deposit(7);
    expect(await correlated.save(fetched)).toMatchObject({ events: 1 });
  });

  it("H8: a failed save leaves the unit of work open: the same save can be repeated", async () => {
    const { store } = openBank(await open());
    const { correlated } = openCorrelated(withFaults(store, ["before", "after"]));
    const account = correlated.create("a-1", deposit());
    account.deposit(5);
    await expect(correlated.save(account)).rejects.toBeInstanceOf(Outage);
    await expect(correlated.save(account)).rejects.toBeInstanceOf(Outage);
    expect(await correlated.save(account)).toEqual({ events: 1, position: 0, repeated: true });
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("H3: says which aggregate there is none of, or answers nothing when it is tried", async () => {
    const { correlated } = openCorrelated(await open());
    await expect(correlated.getById("a-1", deposit())).rejects.toMatchObject({ code: "aggregate-not-found", details: { id: "a-1" } });
    expect(await correlated.tryGetById("a-1", deposit())).toBeUndefined();
  });

  it("A10: refuses an aggregate that works for no message, and writes nothing", async () => {
    const { accounts, correlated, store } = openCorrelated(await open());
    const made = accountWith("a-1", 5);
    await expect(correlated.save(made)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(
        /^The causation id of each pending AmountDeposited must be .*, but is undefined\. Get the aggregate by/,
      ),
    });
    expect(made.pendingEvents).toHaveLength(1);
    expect(await versionsIn(store, STREAM)).toEqual([]);
    await accounts.save(made);
    const loaded = await accounts.getById("a-1");
    loaded.deposit(7);
    await expect(correlated.save(loaded)).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("has nothing against an aggregate that works for no message and raised nothing", async () => {
    const { correlated } = openCorrelated(await open());
    expect(await correlated.save(new Account("a-1"))).toEqual({ events: 0, position: null, repeated: false });
  });

  it("works for an event as it does for a command", async () => {
    const { correlated } = openCorrelated(await open());
    const cause = MessageBuilder.from(deposit()).create(new AmountDeposited({ accountId: "a-9", amount: 1 }));
    const account = correlated.create("a-1", cause);
    account.deposit(5);
    const { id, correlationId } = metadataOf(cause);
    expect(account.pendingEvents.map((event) => metadataOf(event))).toMatchObject([{ causationId: id, correlationId }]);
  });
});

describe.each(everyStore)("a command that comes again on $name", ({ open }) => {
  it("is told that it was carried out, and where its last event is", async () => {
    const { accounts, correlated } = openCorrelated(await open());
    await accounts.save(accountWith("a-1", 100, 100));
    await accounts.save(accountWith("a-2", 1));
    const command = deposit();
    const account = await correlated.getById("a-1", command);
    account.deposit(1);
    account.deposit(2);
    expect(await correlated.save(account)).toMatchObject({ position: 4 });
    const later = await accounts.getById("a-1");
    later.deposit(3);
    await accounts.save(later);
    const again = correlated.getById("a-1", command);
    await expect(again).rejects.toBeInstanceOf(CommandAlreadyApplied);
    await expect(again).rejects.toMatchObject({
      code: "command-already-applied",
      retryable: false,
      version: 3,
      position: 4,
      details: { commandId: metadataOf(command).id, stream: STREAM, version: 3, position: 4 },
    });
    await expect(correlated.tryGetById("a-1", command)).rejects.toBeInstanceOf(CommandAlreadyApplied);
  });

  it("is recognised when its events lie on different pages of the stream", async () => {
    const { accounts, correlated } = openCorrelated(await open());
    await accounts.save(accountWith("a-1", ...Array.from({ length: 249 }, () => 1)));
    const command = deposit();
    const account = await correlated.getById("a-1", command);
    account.deposit(1);
    account.deposit(2);
    await correlated.save(account);
    await expect(correlated.getById("a-1", command)).rejects.toMatchObject({ version: 250, position: 250 });
  });

  it("is not confused with another command, or with the same one on another aggregate", async () => {
    const { accounts, correlated } = openCorrelated(await open());
    await accounts.save(accountWith("a-2", 1));
    const command = deposit();
    const account = correlated.create("a-1", command);
    account.deposit(5);
    await correlated.save(account);
    expect((await correlated.getById("a-1", deposit())).balance).toBe(5);
    expect((await correlated.getById("a-2", command)).balance).toBe(1);
  });

  it("writes a new aggregate once, and is answered as the first time", async () => {
    const { correlated, store } = openCorrelated(await open());
    const command = new OpenAccount({ accountId: "a-1", owner: "Ann" });
    const results = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      const account = correlated.create("a-1", command);
      account.open("Ann");
      results.push(await correlated.save(account));
    }
    expect(results).toEqual([
      { events: 1, position: 0, repeated: false },
      { events: 1, position: 0, repeated: true },
    ]);
    expect(await versionsIn(store, STREAM)).toEqual([0]);
  });

  it("H8: decides again after a conflict, under the ids it had before", async () => {
    const { accounts, correlated, store } = openCorrelated(await open());
    await accounts.save(accountWith("a-1", 100));
    const command = deposit();
    const first = await correlated.getById("a-1", command);
    const other = await accounts.getById("a-1");
    other.deposit(1);
    await accounts.save(other);
    first.deposit(5);
    await expect(correlated.save(first)).rejects.toMatchObject({ code: "wrong-expected-version" });
    const second = await correlated.getById("a-1", command);
    second.deposit(5);
    const idOf = (account: Account): readonly string[] => account.pendingEvents.map((event) => metadataOf(event).id);
    expect(idOf(second)).toEqual(idOf(first));
    await correlated.save(second);
    expect((await idsIn(store)).at(-1)).toBe(derivedId(metadataOf(command).id, STREAM, 0));
    expect((await accounts.getById("a-1")).balance).toBe(106);
  });

  it("H8: that was written although its save failed is recognised by whoever loads for it again", async () => {
    const { store, accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 100));
    const { correlated } = openCorrelated(withFaults(store, ["after"]));
    const command = deposit();
    const account = await correlated.getById("a-1", command);
    account.withdraw(80);
    await expect(correlated.save(account)).rejects.toBeInstanceOf(Outage);
    await expect(correlated.getById("a-1", command)).rejects.toMatchObject({ code: "command-already-applied", version: 1, position: 1 });
    expect(await versionsIn(store, STREAM)).toEqual([0, 1]);
  });

  it("events raised while its save is under way keep counting, and are saved next", async () => {
    const { correlated, store } = openCorrelated(await open());
    const command = deposit();
    const account = correlated.create("a-1", command);
    account.deposit(5);
    const saving = correlated.save(account);
    account.deposit(7);
    await saving;
    await correlated.save(account);
    const { id } = metadataOf(command);
    expect(await idsIn(store)).toEqual([derivedId(id, STREAM, 0), derivedId(id, STREAM, 1)]);
    await expect(correlated.getById("a-1", command)).rejects.toMatchObject({ version: 1 });
  });
});
