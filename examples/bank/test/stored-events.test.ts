import { createInMemoryStore, ExpectedVersion, type EventStore } from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { openBank } from "../src/application/bank.ts";
import { sentenceOf } from "../src/cli/sentence-of.ts";
import { Deposit, OpenAccount } from "../src/domain/messages.ts";
import { LargestBalances } from "../src/domain/queries.ts";

const STREAM = "banking.account-a";

/** A store that holds the opening of account `a` as some version of the bank wrote it. */
async function storeWithOpening(schemaVersion: number, payload: object): Promise<EventStore> {
  const store = createInMemoryStore();
  const event = {
    id: "019b76da-a800-7000-8000-000000000001",
    type: "AccountOpened",
    schemaVersion,
    contentType: "application/json",
    data: JSON.stringify(payload),
    metadata: "{}",
  };
  await store.append(STREAM, [event], { expectedVersion: ExpectedVersion.noStream });
  return store;
}

async function largestIn(store: EventStore): Promise<unknown> {
  await using bank = await openBank(store);
  return await bank.queries.ask(new LargestBalances({ limit: 1 }));
}

it("an account that was opened before there were joint accounts goes on, with its one owner", async () => {
  await using store = await storeWithOpening(1, { accountId: "a", owner: "Ann" });
  expect(await largestIn(store)).toEqual([{ accountId: "a", owner: "Ann", isOpen: true, balanceCents: 0 }]);
  await using bank = await openBank(store);
  expect(await bank.commands.send(new OpenAccount({ accountId: "a", owner: "Ben" }))).toMatchObject({ refusal: "account-exists" });
  expect(await bank.commands.send(new Deposit({ accountId: "a", amountCents: 5 }))).toMatchObject({ status: "accepted" });
});

it("a joint account has both owners, and is stored as version 2", async () => {
  await using store = createInMemoryStore();
  {
    await using bank = await openBank(store);
    await bank.commands.send(new OpenAccount({ accountId: "a", owner: "Ann", coOwner: "Ben" }));
  }
  expect(await largestIn(store)).toEqual([{ accountId: "a", owner: "Ann and Ben", isOpen: true, balanceCents: 0 }]);
  const stored = [];
  for await (const { type, schemaVersion, data } of store.read({ stream: STREAM })) stored.push({ type, schemaVersion, data });
  expect(stored).toEqual([{ type: "AccountOpened", schemaVersion: 2, data: '{"accountId":"a","owners":["Ann","Ben"]}' }]);
});

it("a bank does not open on what a later one wrote, and says so in a sentence", async () => {
  await using store = await storeWithOpening(3, { accountId: "a", owners: [], branch: "north" });
  const error: unknown = await openBank(store).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "context-incomplete" });
  expect(sentenceOf(error)).toContain("this program knows AccountOpened up to 2");
});
