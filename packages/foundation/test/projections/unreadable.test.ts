import {
  createInMemoryReadModels,
  createProjections,
  ExpectedVersion,
  projectDocuments,
  type Projection,
  type RunOptions,
} from "@reactive-domain/foundation";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, it, vi } from "vitest";
import { accountWith, AmountDeposited, openBank } from "../banking.ts";
import { deposit, virtually } from "../listeners/noted.ts";
import { balanceItems, balances, type Balance } from "./balances.ts";

async function projected(projection: Projection = balances, options: RunOptions = {}) {
  const bank = openBank();
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  const projections = createProjections(bank.bank, views, [projection], { failures: { minDelayMs: 1, maxDelayMs: 2 }, ...options });
  return { ...bank, items, projections, running: projections.of("balances") };
}

describe("what cannot be handled", () => {
  it(
    "an event that cannot be read is parked under its stream, and the rest goes on",
    virtually(async () => {
      const { store, accounts, items, projections, running } = await projected();
      await deposit(accounts, "a-1", 1);
      const torn = newEvent({ type: "AmountDeposited", data: "{" });
      await store.append("banking.account-a-1", [torn], { expectedVersion: ExpectedVersion.any });
      await deposit(accounts, "a-2", 2);
      await projections.start();
      await running.live;
      expect(await running.parked()).toMatchObject([
        { position: 1, key: "banking.account-a-1", state: "parked", attempts: 5, event: { id: torn.id } },
      ]);
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 2 });
      expect(await running.replayParked()).toBe(1);
      await vi.waitUntil(async () => (await running.parked())[0]?.attempts === 5);
      await projections.close();
    }),
  );

  it.each<readonly [string, (amount: number) => unknown, RegExp]>([
    ["text", () => "rich", /an item or undefined/],
    ["a promise", async () => undefined, /at once/],
    [
      "an item that JSON would change",
      (amount) => ({ accountId: "a-3", balance: 1, deposits: 1, when: amount * Number.NaN }),
      /not-serializable|NaN|JSON/i,
    ],
    ["an item with a field of another type", () => ({ accountId: "a-3", balance: "much", deposits: 1 }), /balance/],
    ["an item of another key", (amount) => ({ accountId: 7, balance: amount, deposits: 1 }), /the key that was told, a-3, but is "7"/],
  ])("a fold that makes %s has its event parked, and no other", (_, make, error) =>
    virtually(async () => {
      const spoiled = projectDocuments(balanceItems).on(
        AmountDeposited,
        ({ accountId }) => accountId,
        (item, { accountId, amount }) =>
          (amount === 3 ? make(amount) : { accountId, owner: null, balance: (item?.balance ?? 0) + amount, deposits: 1 }) as Balance,
      );
      const { accounts, items, projections, running } = await projected(spoiled);
      await accounts.save(accountWith("a-1", 1, 2));
      await accounts.save(accountWith("a-3", 3));
      await accounts.save(accountWith("a-2", 4));
      await projections.start();
      await running.live;
      expect(await running.parked()).toMatchObject([{ position: 2, key: "a-3", attempts: 5, error: expect.stringMatching(error) }]);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 3 });
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 4 });
      await projections.close();
    })(),
  );
});
