import { createInMemoryStore, connect } from "@reactive-domain/foundation";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { Account } from "../src/domain/account.ts";
import { banking } from "../src/domain/banking.ts";
import { CloseAccount, ClosePot, Deposit, OpenAccount, OpenPot, SetAside, TakeBack, Withdraw } from "../src/domain/messages.ts";
import { AccountList, type AccountRow } from "../src/domain/queries.ts";

vi.setConfig({ testTimeout: 60_000 });

const IDS = ["a", "b", "c"] as const;
const accountId = fc.constantFrom(...IDS);
const potId = fc.constantFrom("p", "q");
const amountCents = fc.integer({ min: 1, max: 500 });

/** Every kind of event, and with what most commands are accepted that come behind it. */
const BEGIN = [
  new OpenAccount({ accountId: "a", owner: "Ann" }),
  new Deposit({ accountId: "a", amountCents: 1_000 }),
  new OpenPot({ accountId: "a", potId: "p", name: "Rainy days" }),
  new SetAside({ accountId: "a", potId: "p", amountCents: 600 }),
  new TakeBack({ accountId: "a", potId: "p", amountCents: 100 }),
  new Withdraw({ accountId: "a", amountCents: 10 }),
  new OpenPot({ accountId: "a", potId: "q", name: "Bikes" }),
  new ClosePot({ accountId: "a", potId: "q" }),
  new OpenAccount({ accountId: "c", owner: "Cleo" }),
  new OpenPot({ accountId: "c", potId: "p", name: "Boats" }),
  new CloseAccount({ accountId: "c" }),
];

const anything = fc.array(
  fc.oneof(
    accountId.map((id) => new OpenAccount({ accountId: id, owner: `Owner of ${id}` })),
    fc.record({ accountId, amountCents }).map((payload) => new Deposit(payload)),
    fc.record({ accountId, amountCents }).map((payload) => new Withdraw(payload)),
    fc.record({ accountId }).map((payload) => new CloseAccount(payload)),
    fc.record({ accountId, potId }).map((payload) => new OpenPot({ ...payload, name: "Holidays" })),
    fc.record({ accountId, potId, amountCents }).map((payload) => new SetAside(payload)),
    fc.record({ accountId, potId, amountCents }).map((payload) => new TakeBack(payload)),
    fc.record({ accountId, potId }).map((payload) => new ClosePot(payload)),
  ),
  { maxLength: 40 },
);

async function listedBy({ queries }: Bank): Promise<readonly AccountRow[]> {
  return (await queries.ask(new AccountList({ sort: [{ by: "balanceCents", direction: "desc" }] }))).items;
}

describe.each(everyReadModels.filter(({ name }) => name !== "a cache"))("the balance table in $name", ({ name, open }) => {
  it("holds what the aggregates hold, however often the bank is closed and opened again, and lists as the bank does without it", async () => {
    const views = await open();
    const runs = fc.asyncProperty(anything, fc.nat({ max: 40 }), async (some, cut) => {
      const all = [...BEGIN, ...some];
      await using store = createInMemoryStore();
      for (const part of [all.slice(0, cut), all.slice(cut)]) {
        await using bank = await openBank(store, { views });
        for (const command of part) await bank.commands.send(command);
      }
      await using bank = await openBank(store, { views });
      await using without = await openBank(store, { isReadOnly: true });
      await bank.caughtUp();
      const rows = await listedBy(bank);
      expect(rows).toEqual(await listedBy(without));
      expect(rows.toSorted((one, other) => (one.accountId < other.accountId ? -1 : 1)).map(heldBy)).toEqual(await heldByAggregates(store));
    });
    await fc.assert(runs, { numRuns: name === "memory" ? 10 : 4 });
  });
});

function heldBy({ accountId: id, state, balanceCents, setAsideCents, pots }: AccountRow): object {
  return { accountId: id, state, balanceCents, setAsideCents, pots };
}

async function heldByAggregates(store: Parameters<typeof openBank>[0]): Promise<readonly object[]> {
  const accounts = connect(banking, store).repository(Account);
  const held: object[] = [];
  for (const id of IDS) {
    const account = await accounts.tryGetById(id);
    if (account === undefined) continue;
    const { state, balanceCents, pots } = account.takeSnapshot();
    const setAsideCents = pots.reduce((sum, { heldCents }) => sum + heldCents, 0);
    held.push({ accountId: id, state, balanceCents, setAsideCents, pots: pots.length });
  }
  return held;
}
