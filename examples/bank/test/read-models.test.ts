import { createInMemoryStore, type EventStore, type ReadSource } from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { openBank, type Bank } from "../src/application/bank.ts";
import { ReadModelWatch } from "../src/cli/read-model-watch.ts";
import { showHealth, showWorst } from "../src/cli/show-health.ts";
import { Deposit, OpenAccount, OpenPot, SetAside } from "../src/domain/messages.ts";
import { BankTotals, LargestBalances, LastChangeOf, PotsOf, StatementOf } from "../src/domain/queries.ts";
import { breakHistory } from "./break-history.ts";

const accountId = "a";
const now = new Date();
const month = now.toISOString().slice(0, 7);

/** Tells from where feeds are followed. */
function watched(store: EventStore): { readonly store: EventStore; readonly from: unknown[] } {
  const from: unknown[] = [];
  const proxy = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "subscribe") return value.bind(target) as unknown;
      return (...args: Parameters<EventStore["subscribe"]>) => {
        from.push(args[1]?.from);
        return target.subscribe(...args);
      };
    },
  });
  return { store: proxy, from };
}

/** All that the bank answers. */
async function answersOf({ queries }: Bank): Promise<unknown> {
  return Promise.all([
    queries.ask(new BankTotals({})),
    queries.ask(new LargestBalances({ limit: 10 })),
    queries.ask(new LastChangeOf({ accountId })),
    queries.ask(new PotsOf({ accountId })),
    queries.ask(new StatementOf({ accountId, month })),
  ]);
}

async function firstDay(store: EventStore): Promise<unknown> {
  await using bank = await openBank(store);
  await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
  await bank.commands.send(new Deposit({ accountId, amountCents: 500 }));
  await bank.commands.send(new OpenPot({ accountId, potId: "p", name: "Holidays" }));
  await bank.commands.send(new SetAside({ accountId, potId: "p", amountCents: 100 }));
  await bank.commands.send(new SetAside({ accountId, potId: "p", amountCents: 1_000 }));
  await bank.caughtUp();
  return await answersOf(bank);
}

/** The position of the last event. */
async function lastOf(store: EventStore, source: ReadSource): Promise<number> {
  for await (const { position } of store.read(source, { direction: "backwards", limit: 1 })) return position;
  return -1;
}

it("a bank that is opened again reads only what is new, and answers the same", async () => {
  const { store, from } = watched(createInMemoryStore());
  const answers = await firstDay(store);
  expect(from).toEqual(["start", "start"]); // Balances and Statements share one
  await using bank = await openBank(store);
  expect(await answersOf(bank)).toEqual(answers);
  const behind = [{ after: await lastOf(store, { category: "banking.account" }) }, { after: await lastOf(store, { all: true }) }];
  expect(from.slice(2)).toHaveLength(2);
  expect(from.slice(2)).toEqual(expect.arrayContaining(behind));
  const [balances, statements, statistics] = await bank.report();
  expect([balances, statements, statistics].map((report) => report?.lag?.events)).toEqual([0, 0, 0]);
  await bank.commands.send(new Deposit({ accountId, amountCents: 1 }));
  await bank.caughtUp();
  expect(await bank.queries.ask(new LargestBalances({ limit: 1 }))).toMatchObject([{ balanceCents: 501 }]);
});

it("a bank that only reads goes on from what is kept, and keeps nothing", async () => {
  const store = createInMemoryStore();
  const answers = await firstDay(store);
  const kept = await store.snapshot("read-model.Statements");
  {
    await using writer = await openBank(store);
    await writer.commands.send(new Deposit({ accountId, amountCents: 1 }));
    await writer.caughtUp();
    await using reader = await openBank(store, { isReadOnly: true });
    expect(await answersOf(reader)).not.toEqual(answers);
    await reader[Symbol.asyncDispose]();
    expect(await store.snapshot("read-model.Statements")).toEqual(kept);
  }
  expect((await store.snapshot("read-model.Statements"))?.version).toBeGreaterThan(kept?.version ?? 0);
});

it("a bank that learns nothing keeps nothing anew", async () => {
  const store = createInMemoryStore();
  await firstDay(store);
  const kept = await store.snapshot("read-model.Balances");
  await (await openBank(store))[Symbol.asyncDispose]();
  expect(await store.snapshot("read-model.Balances")).toEqual(kept);
});

it("a read model that is stopped is told in reports, and by whoever waits for answers", async () => {
  await using store = createInMemoryStore();
  await using bank = await openBank(store);
  const watch = new ReadModelWatch(() => bank.report());
  expect(watch.look()).toBe("");
  await watch.stop();
  expect(watch.look()).toBe("answers 0 events and 0 ms behind");
  await breakHistory(store);
  await expect(bank.caughtUp()).rejects.toMatchObject({ code: "feed-faulted", cause: { code: "incomplete-history" } });
  const reports = await bank.report();
  expect(showWorst(reports)).toBe("Balances stopped");
  expect(reports.map((report) => showHealth(report))).toEqual([
    expect.stringMatching(/^Balances on category Account of banking: stopped, 1 event and \d+ ms behind, Balances stopped taking/),
    expect.stringMatching(/^Statements on category Account of banking: stopped/),
    "Statistics on all events of banking: live, 0 events and 0 ms behind",
  ]);
});

it("a history that cannot be read keeps the bank from being opened", async () => {
  await using store = createInMemoryStore();
  await breakHistory(store);
  await expect(openBank(store)).rejects.toMatchObject({ code: "feed-faulted" });
});
