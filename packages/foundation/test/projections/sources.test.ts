import {
  AggregateRoot,
  boundedContext,
  connect,
  createInMemoryReadModels,
  createInMemoryStore,
  createProjections,
  Event,
  ExpectedVersion,
  projectDocuments,
} from "@reactive-domain/foundation";
import { newEvent } from "@reactive-domain/store-tests";
import { expect, it } from "vitest";
import { AmountDeposited, GiftReceived } from "../banking.ts";
import { virtually } from "../listeners/noted.ts";
import { balanceItems, type Balance } from "./balances.ts";

class Account extends AggregateRoot {
  static readonly type = "Account";
}

/** Of old, a bonus was an event of its own; today it is a deposit. */
class BonusPaid extends Event("BonusPaid", {
  version: 2,
  upcasters: { 1: ({ accountId, bonus }: { accountId: string; bonus: number }) => new AmountDeposited({ accountId, amount: bonus }) },
})<{ accountId: string }> {}
class NameChanged extends Event("NameChanged")<{ accountId: string }> {}

const context = boundedContext("banking", { aggregates: [Account], events: [AmountDeposited, GiftReceived, BonusPaid, NameChanged] });

it(
  "the store picks out the events that have handlers, those that derive from them, and those that may become such",
  virtually(async () => {
    const store = createInMemoryStore();
    const events = [
      newEvent({ type: "AmountDeposited", data: '{"accountId":"a-1","amount":1}' }),
      newEvent({ type: "NameChanged", data: "{ this is not even JSON" }),
      newEvent({ type: "GiftReceived", data: '{"accountId":"a-1","amount":2,"from":"Ann"}' }),
      newEvent({ type: "BonusPaid", schemaVersion: 1, data: '{"accountId":"a-1","bonus":4}' }),
    ];
    await store.append("banking.account-a-1", events, { expectedVersion: ExpectedVersion.noStream });
    const views = createInMemoryReadModels();
    const balances = projectDocuments(balanceItems, { source: (bank) => bank.category(Account) }).on(
      AmountDeposited,
      ({ accountId }) => accountId,
      (item, { accountId, amount }): Balance => ({
        accountId,
        owner: null,
        balance: (item?.balance ?? 0) + amount,
        deposits: (item?.deposits ?? 0) + 1,
      }),
    );
    await using projections = createProjections(connect(context, store), views, [balances]);
    await projections.start();
    await projections.of(balances).live;
    expect((await (await views.repository(balanceItems)).get("a-1"))?.item).toMatchObject({ balance: 7, deposits: 3 });
    expect(await projections.of(balances).parked()).toEqual([]);
  }),
);
