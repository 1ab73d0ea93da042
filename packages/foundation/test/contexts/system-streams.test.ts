import {
  connect,
  createInMemoryReadModels,
  createProjections,
  createReader,
  createStreamNameBuilder,
  EventBase,
  type EventStore,
} from "@reactive-domain/foundation";
import { newEvent } from "@reactive-domain/store-tests";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, banking } from "../banking.ts";
import { balanceItems, balances } from "../projections/balances.ts";
import { Journal } from "../read-models/journal.ts";

/** Events of the system before, between and behind those of an account: in streams of its own, one of them of a type of the context, and in one that is not. */
async function bankBesideSystem(store: EventStore) {
  const bank = connect(banking, store, { streamNames: createStreamNameBuilder() });
  const accounts = bank.repository(Account);
  const system = async (stream: string, type: string): Promise<unknown> =>
    store.append(stream, [newEvent({ type, data: "no JSON" })], { expectedVersion: "any", systemStreams: true });
  await system("$$account-1", "$metadata");
  await accounts.save(accountWith("1", 5));
  await system("$settings", "SettingsChanged");
  await system("$ce-account", "AmountDeposited");
  await system("links-1", "$>");
  await accounts.save(accountWith("2", 7));
  await system("$$account-2", "$metadata");
  return { bank, accounts, entries: ["AmountDeposited 0 of account-1", "AmountDeposited 0 of account-2"] };
}

describe.each(everyStore)("a context without a prefix beside streams of the system in $name", ({ open }) => {
  it("F11: has read models that are given its own events only", async () => {
    const { bank, entries } = await bankBesideSystem(await open());
    for (const feed of [bank.all(), bank.category(Account), bank.eventType(AmountDeposited)]) {
      await using journal = new Journal();
      await journal.start(feed);
      await journal.live;
      expect(journal.entries).toEqual(entries);
    }
  });

  it("F11: has readers that come to the end of the log", async () => {
    const { bank, entries } = await bankBesideSystem(await open());
    const seen: string[] = [];
    const reader = createReader(bank.all());
    reader.on(EventBase, (_, { stream, version }) => void seen.push(`AmountDeposited ${version} of ${stream}`));
    await reader.read();
    expect(seen).toEqual(entries);
  });

  it("F11: has consumers that skip what is not its own, and park nothing", async () => {
    const { bank, entries } = await bankBesideSystem(await open());
    const seen: string[] = [];
    await using mailer = bank.group("mailer").on(AmountDeposited, (_, { stream, version }) => {
      seen.push(`AmountDeposited ${version} of ${stream}`);
    });
    await mailer.start({ consumer: "red" });
    await mailer.caughtUp();
    expect(seen.toSorted()).toEqual(entries);
    expect(await mailer.status()).toMatchObject({ waiting: 0, claimed: 0, parked: 0 });
  });

  it("F11: has projections that count its own events only, and park nothing", async () => {
    const { bank } = await bankBesideSystem(await open());
    const views = createInMemoryReadModels();
    await using projections = createProjections(bank, views, [balances]);
    await projections.start();
    const running = projections.of(balances);
    await running.live;
    const items = await views.repository(balanceItems);
    expect((await items.get("1"))?.item).toMatchObject({ balance: 5, deposits: 1 });
    expect((await items.get("2"))?.item).toMatchObject({ balance: 7, deposits: 1 });
    expect(await running.parked()).toEqual([]);
  });

  it("F11: loads its aggregates", async () => {
    const { accounts } = await bankBesideSystem(await open());
    expect((await accounts.getById("1")).balance).toBe(5);
  });
});
