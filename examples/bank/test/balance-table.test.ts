import { createInMemoryReadModels, createInMemoryStore, type EventStore } from "@reactive-domain/foundation";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { showHealth, showProgressAges, showWorst } from "../src/cli/show-health.ts";
import { Deposit, OpenAccount } from "../src/domain/messages.ts";
import { AccountList } from "../src/domain/queries.ts";
import { breakHistory } from "./break-history.ts";

const accountId = "a";

async function opened(store: EventStore, amountCents: number, views = createInMemoryReadModels()): Promise<Bank> {
  const bank = await openBank(store, { views });
  onTestFinished(() => bank[Symbol.asyncDispose]());
  await bank.commands.send(new OpenAccount({ accountId, owner: "Ann", coOwner: "Ben" }));
  await bank.commands.send(new Deposit({ accountId, amountCents }));
  await bank.caughtUp();
  return bank;
}

/** How the balance table is, as a bank tells. */
async function tableIn(bank: Bank) {
  const table = (await bank.report()).find(({ kind }) => kind === "projection");
  if (table === undefined) throw new Error("There is no table.");
  return table;
}

describe.each(everyReadModels.filter(({ name }) => name === "memory" || name === "SQLite"))("the balance table in $name", ({ open }) => {
  it("is kept by one of several banks, and by another one when that ends", async () => {
    const [store, views] = [createInMemoryStore(), await open()];
    const first = await opened(store, 100, views);
    const second = await openBank(store, { views });
    onTestFinished(() => second[Symbol.asyncDispose]());
    await vi.waitFor(async () => expect((await tableIn(second)).status).toBe("standby"));
    await second.caughtUp();
    const [reports, table] = [await second.report(), await tableIn(second)];
    expect(showHealth(table)).toBe("balance-table: live, 0 events and 0 ms behind");
    expect(showWorst(reports)).toBe("answers 0 events and 0 ms behind");
    expect(showProgressAges(reports)).toMatch(/, balance-table in another bank$/);

    await first[Symbol.asyncDispose]();
    await second.commands.send(new Deposit({ accountId, amountCents: 11 }));
    await second.caughtUp();
    await vi.waitFor(async () => expect((await tableIn(second)).status).toBe("live"));
    expect((await second.queries.ask(new AccountList({}))).items).toEqual([
      { accountId, owner: "Ann and Ben", state: "open", balanceCents: 111, setAsideCents: 0, pots: 0 },
    ]);
  });

  it("begins anew where the store beside it was removed", async () => {
    const views = await open();
    const first = await opened(createInMemoryStore(), 100, views);
    await first.commands.send(new OpenAccount({ accountId: "b", owner: "Cleo" }));
    await first.caughtUp();
    await first[Symbol.asyncDispose]();
    const second = await opened(createInMemoryStore(), 7, views);
    const { items } = await second.queries.ask(new AccountList({}));
    expect(items).toMatchObject([{ accountId, balanceCents: 7 }]);
  });
});

it("a balance table that cannot go on is told in reports, and by whoever waits for it", async () => {
  const store = createInMemoryStore();
  const bank = await opened(store, 100);
  await breakHistory(store);
  await expect(bank.caughtUp()).rejects.toMatchObject({ code: expect.stringMatching(/^(feed-faulted|projection-stopped)$/) });
  await vi.waitFor(async () => expect((await tableIn(bank)).status).toBe("stopped"));
  expect(showHealth(await tableIn(bank))).toMatch(/^balance-table: stopped, 1 event and \d+ ms behind, .*An event came before the opening/);
});
