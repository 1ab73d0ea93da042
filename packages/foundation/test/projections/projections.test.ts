import { createInMemoryReadModels, createProjections, sleep, type ReadModels, type RunOptions } from "@reactive-domain/foundation";
import { describe, expect, it, vi } from "vitest";
import { accountWith, AmountDeposited } from "../banking.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { balanceItems, balances, balancesWith, type Meddling } from "./balances.ts";
import { TreatedStore } from "./drill/treated-store.ts";

async function projected(events: number, { meddle, ...options }: RunOptions & { readonly meddle?: Meddling } = {}) {
  const bank = await openWith(events);
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  const projection = balancesWith(meddle);
  const projections = createProjections(bank.bank, views, [projection], options);
  return { ...bank, views, items, projections, balances: projections.of("balances") };
}

describe("a projection of documents", () => {
  it(
    "folds the history, and then what is written",
    virtually(async () => {
      const { accounts, items, projections, balances: running } = await projected(3);
      await projections.start();
      await running.live;
      expect((await items.get("a-1"))?.item).toEqual({ accountId: "a-1", owner: null, balance: 3, deposits: 3 });
      expect(running.health).toMatchObject({ status: "live", position: 2, handled: 3 });
      await deposit(accounts, "a-1", 5);
      await deposit(accounts, "a-2", 7);
      await running.caughtUp();
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 8, deposits: 4 });
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 7 });
      await projections.close();
      expect(running.health.status).toBe("closed");
    }),
  );

  it(
    "goes on where it was when it is started again",
    virtually(async () => {
      const { bank, views, accounts, items, projections } = await projected(3);
      await projections.start();
      await projections.of(balances).live;
      await projections.close();
      await deposit(accounts, "a-1", 5);
      await using again = createProjections(bank, views, [balances]);
      await again.start();
      await again.of(balances).caughtUp();
      expect(again.of(balances).health.handled).toBe(1);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 8, deposits: 4 });
    }),
  );

  it(
    "tries an event that fails again, and goes on when it succeeds",
    virtually(async () => {
      let failures = 3;
      const meddle = (): void => {
        if (failures-- > 0) throw new Error("not yet");
      };
      const onFailure = vi.fn<(failure: unknown) => void>();
      const { items, projections, balances: running } = await projected(3, { meddle, onFailure });
      await projections.start();
      await running.live;
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 3, deposits: 3 });
      expect(onFailure.mock.calls.map(([failure]) => (failure as { attempts: number }).attempts)).toEqual([1, 2, 3]);
      expect(await running.parked()).toEqual([]);
      await projections.close();
    }),
  );

  it(
    "parks an event that fails too often; those of its key wait, others go on; a replay does them in order",
    virtually(async () => {
      let isBroken = true;
      const meddle: Meddling = ({ accountId, amount }, item) => {
        if (item !== undefined) item.balance += 1000;
        if (isBroken && accountId === "a-1" && amount === 2) throw new Error("broken");
        if (item !== undefined) item.balance -= 1000;
      };
      const { accounts, items, projections, balances: running } = await projected(0, { meddle });
      await accounts.save(accountWith("a-1", 1, 2, 4));
      await deposit(accounts, "a-2", 7);
      await projections.start();
      await running.live;
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 1, deposits: 1 });
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 7 });
      expect(await running.parked()).toMatchObject([
        { position: 1, key: "a-1", state: "parked", attempts: 5, error: "Error: broken", event: { type: AmountDeposited.type } },
        { position: 2, key: "a-1", state: "waiting", attempts: 0 },
      ]);
      await deposit(accounts, "a-1", 8);
      await running.caughtUp();
      expect(await running.parked()).toHaveLength(3);
      isBroken = false;
      expect(await running.replayParked()).toBe(1);
      await deposit(accounts, "a-1", 16);
      await vi.waitUntil(async () => (await running.parked()).length === 0);
      await running.caughtUp();
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 31, deposits: 5 });
      await projections.close();
    }),
  );

  it(
    "is rebuilt beside what answers, swapped in, and can be put back",
    virtually(async () => {
      let factor = 1;
      const meddle: Meddling = (event) => void Object.assign(event, { amount: event.amount * factor });
      const { accounts, items, projections, balances: running } = await projected(3, { meddle });
      await projections.start();
      await running.live;
      factor = 10;
      const result = await running.rebuild({ compare: true });
      expect(result).toMatchObject({ generation: 2, handled: 3, parked: 0, isSwapped: true });
      expect(result.comparison?.tables).toMatchObject([{ rows: [1, 1], onlyOne: { count: 1 }, onlyOther: { count: 1 } }]);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 30 });
      await deposit(accounts, "a-1", 1);
      await running.caughtUp();
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 40 });
      await running.rollback();
      await running.caughtUp();
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 13 });
      expect(await running.verify()).toMatchObject({ isEqual: false });
      factor = 1;
      await running.rebuildKey("a-1");
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 4 });
      expect(await running.verify()).toMatchObject({ isEqual: true });
      await projections.close();
    }),
  );

  it(
    "is held up by a pause, and goes on",
    virtually(async () => {
      const { accounts, items, projections, balances: running } = await projected(1);
      await projections.start();
      await running.live;
      await running.pause();
      await deposit(accounts, "a-1", 5);
      await vi.waitUntil(() => running.health.status === "paused");
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 1 });
      expect(await running.lag()).toMatchObject({ events: 1 });
      await running.resume();
      await running.caughtUp();
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 6 });
      await projections.close();
    }),
  );

  it(
    "has events wait behind a parked one of before it was started, too",
    virtually(async () => {
      const meddle: Meddling = ({ amount }) => {
        if (amount === 2) throw new Error("broken");
      };
      const { bank, views, accounts, items, projections } = await projected(0, { meddle });
      await deposit(accounts, "a-1", 2);
      await projections.start();
      await projections.of(balances).live;
      await projections.close();
      await deposit(accounts, "a-1", 3);
      await using again = createProjections(bank, views, [balancesWith(meddle)]);
      await again.start();
      await again.of(balances).caughtUp();
      expect(await again.of(balances).parked()).toMatchObject([{ state: "parked" }, { state: "waiting", position: 1 }]);
      expect(await items.get("a-1")).toBeUndefined();
    }),
  );

  it(
    "replays what is asked for, and leaves the rest parked",
    virtually(async () => {
      let isBroken = true;
      const tries: number[] = [];
      const meddle: Meddling = ({ amount }) => {
        tries.push(amount);
        if (isBroken) throw new Error(`no ${amount}`);
      };
      const { accounts, items, projections, balances: running } = await projected(0, { meddle });
      await deposit(accounts, "a-1", 2);
      await deposit(accounts, "a-2", 7);
      await projections.start();
      await running.live;
      expect(await running.parked()).toHaveLength(2);
      isBroken = false;
      tries.length = 0;
      expect(await running.replayParked({ error: "no 7" })).toBe(1);
      while ((await running.parked()).length > 1) await sleep(50);
      await running.caughtUp();
      expect(tries).toEqual([7]);
      expect(await running.parked()).toMatchObject([{ key: "a-1", state: "parked", attempts: 5 }]);
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 7 });
      await projections.close();
    }),
  );

  it(
    "whose lanes are at different places levels them, and goes on in others",
    virtually(async () => {
      const { bank, accounts } = await openWith(0);
      const views = createInMemoryReadModels();
      const treated = new TreatedStore(views.projections);
      const own: ReadModels = Object.assign(Object.create(views) as ReadModels, { projections: treated.store });
      for (let account = 0; account < 9; account++) await accounts.save(accountWith(`a-${account}`, 1, 2));
      const first = createProjections(bank, own, [balances], { lanes: 3, worker: "first", leaseMs: 1_000 });
      await first.start();
      await first.of(balances).live;
      await deposit(accounts, "a-3", 4);
      await first.of(balances).caughtUp();
      const { lanes } = (await first.of(balances).record()).generations[0] ?? { lanes: [] };
      expect(new Set(lanes).size).toBe(2);
      treated.treat({ how: "kill" });
      await using other = createProjections(bank, views, [balances], { lanes: 2, worker: "other", leaseMs: 1_000 });
      await other.start();
      await other.of(balances).live;
      await deposit(accounts, "a-3", 8);
      await other.of(balances).caughtUp();
      expect((await other.of(balances).record()).generations).toMatchObject([{ generation: 1, handled: 20 }]);
      expect((await other.of(balances).record()).generations[0]?.lanes).toHaveLength(2);
      const items = await views.repository(balanceItems);
      expect((await items.get("a-3"))?.item).toMatchObject({ balance: 15, deposits: 4 });
    }),
  );
});
