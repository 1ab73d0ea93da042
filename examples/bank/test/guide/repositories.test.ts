import {
  auditRecordOf,
  connect,
  createAggregateCache,
  createCommandBus,
  createInMemoryStore,
  MessageBuilder,
  metadataKey,
  metadataOf,
  version,
  WrongExpectedVersion,
  type ConnectedContext,
  type EventBase,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, banking, Deposit } from "../first-steps/account.ts";

async function openBank(...ids: readonly string[]) {
  const store = createInMemoryStore();
  const bank = connect(banking, store);
  const accounts = bank.repository(Account);
  for (const id of ids) {
    const account = new Account(id);
    account.open("Ann");
    account.deposit(100);
    await accounts.save(account);
  }
  return { store, bank, accounts };
}

async function typesIn({ store }: ConnectedContext, stream: string): Promise<readonly string[]> {
  const types: string[] = [];
  for await (const { type } of store.read({ stream })) types.push(type);
  return types;
}

async function lastEventIn({ store, serializer }: ConnectedContext, stream: string): Promise<EventBase> {
  for await (const recorded of store.read({ stream }, { direction: "backwards", limit: 1 })) {
    const [event] = await serializer.deserialize(recorded);
    if (event !== undefined) return event;
  }
  throw new Error(`There is no event in ${stream}.`);
}

describe("the guide's repositories", () => {
  it("load and save", async () => {
    const { accounts } = await openBank("a");
    // #region save
    const account = await accounts.getById("a"); // aggregate-not-found where there is none
    account.deposit(20);
    account.withdraw(5);
    const { events, position } = await accounts.save(account); // 2 events, and the position of the last one

    const nobody = await accounts.tryGetById("b"); // undefined
    // #endregion
    expect([events, position, nobody]).toEqual([2, 3, undefined]);
  });

  it("show the past", async () => {
    const { accounts } = await openBank("a");
    // #region as-of
    const opened = await accounts.getById("a", { asOf: { version: version(0) } }); // behind its first event
    const today = await accounts.getById("a", { asOf: { time: new Date() } });
    // #endregion
    expect(opened.expectedVersion).toBe(0);
    expect(today.expectedVersion).toBe(1);
    opened.deposit(1);
    await expect(accounts.save(opened)).rejects.toBeInstanceOf(WrongExpectedVersion);
  });

  it("refuse the second of two writers, and leave what he has as it was", async () => {
    const { accounts } = await openBank("a");
    // #region conflict
    const [one, other] = [await accounts.getById("a"), await accounts.getById("a")];
    one.withdraw(100);
    other.withdraw(100);
    await accounts.save(one);
    const refused = await accounts.save(other).catch((error: unknown) => error); // wrong-expected-version; nothing was written
    // #endregion
    expect(refused).toBeInstanceOf(WrongExpectedVersion);
    expect(other.pendingEvents).toHaveLength(1);
    expect(other.expectedVersion).toBe(1);
  });

  it("decide again", async () => {
    const { bank, accounts } = await openBank("a");
    // #region update
    const { value, position } = await accounts.update("a", (account) => {
      account.withdraw(10);
      return account.pendingEvents.length; // what it returns is the value
    });
    // #endregion
    expect([value, position]).toEqual([1, 2]);
    const correlated = bank.correlatedRepository(Account);
    const commands = createCommandBus();
    // #region handler
    commands.handle(Deposit, (command) => correlated.update(command.accountId, command, (account) => account.deposit(command.amount)));
    // #endregion
    const command = new Deposit({ accountId: "a", amount: 5 });
    await commands.send(command);
    expect(metadataOf(await lastEventIn(bank, "banking.account-a")).causationId).toBe(metadataOf(command).id);
  });

  it("save several in one write", async () => {
    const { bank, accounts } = await openBank("a", "b");
    // #region all
    const [from, to] = [await accounts.getById("a"), await accounts.getById("b")];
    from.withdraw(30);
    to.deposit(30);
    await bank.saveAll([from, to]); // both or none
    // #endregion
    expect(await typesIn(bank, "banking.account-b")).toEqual(["AccountOpened", "AmountDeposited", "AmountDeposited"]);
  });

  it("end aggregates", async () => {
    const { accounts } = await openBank("a", "b");
    // #region end
    await accounts.delete(await accounts.getById("a")); // "a" is not found any more, and may be made again
    await accounts.tombstone(await accounts.getById("b")); // "b" never comes back
    // #endregion
    const again = async (id: string): Promise<unknown> => {
      const account = new Account(id);
      account.open("Ben");
      return accounts.save(account);
    };
    await expect(again("a")).resolves.toMatchObject({ events: 1 });
    await expect(again("b")).rejects.toMatchObject({ code: "stream-tombstoned" });
  });

  it("keep aggregates", async () => {
    const { bank } = await openBank("a");
    // #region cache
    const cache = createAggregateCache({ maxBytes: 256 * 1_024 * 1_024 });
    const accounts = bank.correlatedRepository(Account, { cache });

    await accounts.update("a", new Deposit({ accountId: "a", amount: 5 }), (account) => account.deposit(5)); // loads it
    await accounts.update("a", new Deposit({ accountId: "a", amount: 5 }), (account) => account.deposit(5)); // has it
    const { size, bytes, hits, misses } = cache; // 1 aggregate, some kilobytes, 1 hit, 1 miss
    // #endregion
    expect([size, hits, misses]).toEqual([1, 1, 1]);
    expect(bytes).toBeGreaterThan(1_000);
    const plain = bank.repository(Account, { cache });
    expect(await plain.getById("a")).toBe(await plain.getById("a"));
    const worked = await accounts.getById("a", new Deposit({ accountId: "a", amount: 5 }));
    expect(await plain.getById("a")).not.toBe(worked);
  });

  it("record who did what", async () => {
    const { bank } = await openBank("a");
    // #region audit
    const Branch = metadataKey<string>("branch");
    const command = MessageBuilder.create(new Deposit({ accountId: "a", amount: 5 }), { actor: "ann", tenant: "north" });

    await bank.correlatedRepository(Account).update("a", command, (account) => {
      account.deposit(5);
      for (const event of account.pendingEvents) Branch.write(event, "Main Street"); // before the save
    });

    const event = await lastEventIn(bank, "banking.account-a");
    const { userId, aggregate, time, commitId } = auditRecordOf(event); // "ann", { type: "Account", id: "a" }, …
    const branch = Branch.read(event); // "Main Street"
    // #endregion
    expect([userId, aggregate, branch]).toEqual(["ann", { type: "Account", id: "a" }, "Main Street"]);
    expect(time).toBeInstanceOf(Date);
    expect(commitId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
