import { auditRecordOf, MessageBuilder, metadataKey, metadataOf, type ConnectedContext, type EventBase } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { createTestRuntime } from "@reactive-domain/testing";
import { Account, AmountDeposited, Deposit, Notebook, openBank } from "../banking.ts";
import { storedIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";
const Ip = metadataKey<string>("ip");

async function messagesIn({ store, serializer }: ConnectedContext, stream: string): Promise<readonly EventBase[]> {
  const stored = await storedIn(store, stream);
  return (await Promise.all(stored.map(async (event) => serializer.deserialize(event)))).flat();
}

describe.each(everyStore)("what is stored beside an event in $name", ({ open }) => {
  it("G8: custom metadata, the commit, and a record of who did what to what", async () => {
    const { bank } = openBank(await open());
    const notes = bank.repository(Notebook);
    const notebook = new Notebook("n-1");
    notebook.note(Ip.write(new AmountDeposited({ accountId: "a-1", amount: 5 }), "192.0.2.1"));
    await notes.save(notebook, { context: { actor: "ann", tenant: "north" } });
    const [event] = await messagesIn(bank, "banking.notebook-n-1");
    const { id, commitId, correlationId, timeMs } = metadataOf(event as EventBase);
    expect(Ip.read(event as EventBase)).toBe("192.0.2.1");
    expect(commitId).toMatch(/^[0-9a-f-]{36}$/);
    expect(auditRecordOf(event as EventBase)).toEqual({
      eventId: id,
      event: "AmountDeposited",
      aggregate: { type: "Notebook", id: "n-1" },
      time: new Date(timeMs),
      userId: "ann",
      tenant: "north",
      commitId,
      correlationId,
      causationId: undefined,
    });
  });

  it("G9: each of two saves by different users names its own, and its own time", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { accounts, bank } = openBank();
      const account = new Account("a-1");
      account.deposit(1);
      await accounts.save(account, { context: { actor: "ann" } });
      await test.clock.advanceBy(60_000);
      account.deposit(2);
      account.deposit(3);
      await accounts.save(account, { context: { actor: "ben" } });
      const records = (await messagesIn(bank, STREAM)).map((event) => auditRecordOf(event));
      const [first, second, third] = records;
      expect(records.map(({ userId }) => userId)).toEqual(["ann", "ben", "ben"]);
      expect(records.map(({ time }) => time.toISOString())).toEqual([
        "2024-01-01T00:00:00.000Z",
        "2024-01-01T00:01:00.000Z",
        "2024-01-01T00:01:00.000Z",
      ]);
      expect(second?.commitId).toBe(third?.commitId);
      expect(first?.commitId).not.toBe(second?.commitId);
    });
  });

  it("G9: the user of the command stands above that of the save", async () => {
    const { bank } = openBank(await open());
    const correlated = bank.correlatedRepository(Account);
    const command = MessageBuilder.create(new Deposit({ accountId: "a-1", amount: 5 }), { actor: "ann", tenant: "north" });
    const account = correlated.create("a-1", command);
    account.deposit(5);
    await correlated.save(account, { context: { actor: "a service", tenant: "south" } });
    const [record] = (await messagesIn(bank, STREAM)).map((event) => auditRecordOf(event));
    expect(record).toMatchObject({ userId: "ann", tenant: "north", causationId: metadataOf(command).id });
  });

  it("G8: aggregates that are saved together share one commit", async () => {
    const { bank } = openBank(await open());
    const accounts = ["a-1", "a-2"].map((id) => new Account(id));
    for (const account of accounts) account.deposit(5);
    await bank.saveAll(accounts);
    const events = [...(await messagesIn(bank, STREAM)), ...(await messagesIn(bank, "banking.account-a-2"))];
    const records = events.map((event) => auditRecordOf(event));
    expect(records.map(({ aggregate }) => aggregate?.id)).toEqual(["a-1", "a-2"]);
    expect(new Set(records.map(({ commitId }) => commitId)).size).toBe(1);
  });

  it("G8: an event that was not saved has neither commit nor aggregate", () => {
    const account = new Account("a-1");
    account.deposit(5);
    const [event] = account.pendingEvents;
    expect(auditRecordOf(event as EventBase)).toMatchObject({ event: "AmountDeposited", aggregate: undefined, commitId: undefined });
  });
});
