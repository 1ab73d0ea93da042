import {
  connect,
  createJsonEventSerializer,
  metadataOf,
  UnknownEventType,
  yieldToLoop,
  type EventSerializer,
  type EventStore,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, accountWith, banking, Notebook, openBank, Unlisted } from "../banking.ts";
import { storedIn, versionsIn } from "./stored-events.ts";

const STREAM = "banking.account-a-1";
const ID = "0198b2a4-0000-7000-8000-000000000001";

/** Writes one event as an earlier program would have. */
async function storeByHand(store: EventStore, type: string, schemaVersion: number, data: string): Promise<void> {
  const event = { id: ID, type, schemaVersion, contentType: "application/json", data, metadata: "{}" };
  await store.append(STREAM, [event], { expectedVersion: "any" });
}

/** Waits before each answer, as one that asks a key service does, and keeps the text in reverse. */
function reversing(): EventSerializer {
  const json = createJsonEventSerializer(banking.events);
  const reverse = (data: string | Uint8Array): string => String(data).split("").toReversed().join("");
  return {
    async serialize(event, context) {
      await yieldToLoop();
      const made = await json.serialize(event, context);
      return { ...made, data: reverse(made.data) };
    },
    async deserialize(event) {
      await yieldToLoop();
      return json.deserialize(event.with({ data: reverse(event.data) }));
    },
  };
}

describe.each(everyStore)("what a repository writes to $name and reads", ({ open }) => {
  it("G4: goes through a serializer that waits, in order both ways", async () => {
    const store = await open();
    const accounts = connect(banking, store, { serializer: reversing() }).repository(Account);
    const account = accountWith("a-1", 10);
    account.withdraw(3);
    await accounts.save(account);
    expect((await storedIn(store, STREAM)).map(({ data }) => data)).toEqual([
      '}01:"tnuoma","1-a":"dItnuocca"{',
      '}3:"tnuoma","1-a":"dItnuocca"{',
    ]);
    const loaded = await accounts.getById("a-1");
    expect(loaded.balance).toBe(7);
    expect(loaded.expectedVersion).toBe(1);
  });

  it("loses no event that is raised while a serializer waits", async () => {
    const accounts = connect(banking, await open(), { serializer: reversing() }).repository(Account);
    const account = accountWith("a-1", 1);
    const saving = accounts.save(account);
    account.deposit(2);
    expect(await saving).toMatchObject({ events: 1 });
    expect(await accounts.save(account)).toMatchObject({ events: 1 });
    expect((await accounts.getById("a-1")).balance).toBe(3);
  });

  it("H8: a serializer that refuses leaves the aggregate as it was", async () => {
    const { bank, store } = openBank(await open());
    const notebook = new Notebook("n-1");
    notebook.note(new AccountOpened({ accountId: "a-1", owner: "Ann" }));
    notebook.note(new Unlisted({ accountId: "a-1" }));
    await expect(bank.repository(Notebook).save(notebook)).rejects.toBeInstanceOf(UnknownEventType);
    expect(notebook.pendingEvents).toHaveLength(2);
    expect(notebook.expectedVersion).toBe("noStream");
    expect(await versionsIn(store, "banking.notebook-n-1")).toEqual([]);
  });

  it("H8: an event that does not fit its schema is refused, and nothing is written", async () => {
    const { accounts, store } = openBank(await open());
    const account = accountWith("a-1", 5);
    account.withdraw("5" as never);
    await expect(accounts.save(account)).rejects.toMatchObject({ code: "invalid-message", issues: [{ path: "amount" }] });
    expect(await versionsIn(store, STREAM)).toEqual([]);
  });

  it("G6: a stored type that the context does not know is loud", async () => {
    const { accounts, store } = openBank(await open());
    await accounts.save(accountWith("a-1", 5));
    await storeByHand(store, "AccountFrozen", 1, "{}");
    const refused = accounts.getById("a-1");
    await expect(refused).rejects.toBeInstanceOf(UnknownEventType);
    await expect(refused).rejects.toMatchObject({ details: { type: "AccountFrozen" } });
  });

  it("G7: a stored event without data is loud", async () => {
    const { accounts, store } = openBank(await open());
    await storeByHand(store, "AmountDeposited", 1, "");
    await expect(accounts.tryGetById("a-1")).rejects.toMatchObject({ code: "corrupt-event" });
  });

  it("G7: a stored event without metadata is folded, and has the id and the time that the store knows", async () => {
    const { bank, accounts, store } = openBank(await open());
    const event = { id: ID, type: "AmountDeposited", schemaVersion: 1, contentType: "application/json", metadata: "" };
    await store.append(STREAM, [{ ...event, data: '{"accountId":"a-1","amount":5}' }], { expectedVersion: "noStream" });
    expect((await accounts.getById("a-1")).balance).toBe(5);
    const [stored] = await storedIn(store, STREAM);
    const [read] = stored === undefined ? [] : await bank.serializer.deserialize(stored);
    expect(read && metadataOf(read)).toEqual({ id: ID, correlationId: ID, timeMs: stored?.time.getTime() });
  });

  it("G10: an event of an old version is folded in its newest shape", async () => {
    const { accounts, store } = openBank(await open());
    await accounts.save(accountWith("a-1", 100));
    await storeByHand(store, "AmountWithdrawn", 1, '{"accountId":"a-1","sum":30}');
    const account = await accounts.getById("a-1");
    expect(account.balance).toBe(70);
    account.withdraw(20);
    await accounts.save(account);
    expect((await storedIn(store, STREAM)).map(({ schemaVersion }) => schemaVersion)).toEqual([1, 1, 2]);
    expect((await accounts.getById("a-1")).balance).toBe(50);
  });

  it("a stored event that stands for several, or for none, counts as one version", async () => {
    const { store, accounts } = openBank(await open());
    await accounts.save(accountWith("a-1", 1, 2, 4));
    const json = createJsonEventSerializer(banking.events);
    const doubling: EventSerializer = {
      serialize: (event, context) => json.serialize(event, context),
      deserialize: async (event) => {
        const made = await json.deserialize(event);
        return event.version === 1 ? [] : [...made, ...made];
      },
    };
    const account = await connect(banking, store, { serializer: doubling }).repository(Account).getById("a-1");
    expect(account.balance).toBe(10);
    expect(account.expectedVersion).toBe(2);
  });

  it("B5: the metadata of an event comes back as it was", async () => {
    const { bank, accounts, store } = openBank(await open());
    const account = accountWith("a-1", 5);
    const [metadata] = account.pendingEvents.map((event) => metadataOf(event));
    await accounts.save(account);
    const [stored] = await storedIn(store, STREAM);
    const [event] = stored === undefined ? [] : await bank.serializer.deserialize(stored);
    expect(event && metadataOf(event)).toEqual({ ...metadata, commitId: expect.any(String), aggregate: { type: "Account", id: "a-1" } });
  });
});
