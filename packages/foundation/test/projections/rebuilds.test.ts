import { createInMemoryReadModels, createProjections, projectDocuments, sleep, type Projection } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { AmountDeposited, Unlisted } from "../banking.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { balanceItems, balancesWith, type Balance, type Meddling } from "./balances.ts";

async function projected(events: number, meddle?: Meddling) {
  const bank = await openWith(events);
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  const options = { failures: { minDelayMs: 1, maxDelayMs: 2 }, onStopped: () => undefined };
  const projecting = (projection: Projection) => createProjections(bank.bank, views, [projection], options);
  const projections = projecting(balancesWith(meddle));
  return { ...bank, views, items, projecting, projections, running: projections.of("balances") };
}

describe("a rebuild", () => {
  it(
    "that is asked for twice at once is done once, and both know of it",
    virtually(async () => {
      const { items, projections, running } = await projected(20);
      await projections.start();
      const results = await Promise.all([running.rebuild(), running.rebuild()]);
      expect(results).toMatchObject([
        { generation: 2, handled: 20, parked: 0, isSwapped: true },
        { generation: 2, handled: 20, parked: 0, isSwapped: true },
      ]);
      expect((await items.get("a-1"))?.item).toMatchObject({ deposits: 20 });
      await projections.close();
    }),
  );

  it(
    "that was refused for its parked events begins anew; accepted, it takes the place as it is",
    virtually(async () => {
      let isBroken = false;
      const meddle: Meddling = ({ amount }) => {
        if (isBroken && amount === 7) throw new Error("broken");
      };
      const { accounts, items, projections, running } = await projected(2, meddle);
      await deposit(accounts, "a-7", 7);
      await projections.start();
      await running.live;
      isBroken = true;
      await expect(running.rebuild()).rejects.toMatchObject({ code: "rebuild-refused" });
      expect((await items.get("a-7"))?.item).toMatchObject({ balance: 7 });
      expect(await running.rebuild({ acceptParked: true })).toMatchObject({ generation: 2, parked: 1, isSwapped: true });
      expect(await items.get("a-7")).toBeUndefined();
      await running.rollback();
      await running.discard("retired");
      await expect(running.rebuild()).rejects.toMatchObject({ code: "rebuild-refused" });
      isBroken = false;
      expect(await running.rebuild()).toMatchObject({ generation: 4, handled: 3, parked: 0, isSwapped: true });
      expect((await items.get("a-7"))?.item).toMatchObject({ balance: 7 });
      await projections.close();
    }),
  );

  it(
    "that is given up is gone on with",
    virtually(async () => {
      const seen: number[] = [];
      const { views, items, projections, running } = await projected(5, ({ amount }) => void seen.push(amount));
      await projections.start();
      await running.live;
      expect(await running.rebuild({ swap: false })).toMatchObject({ generation: 2, handled: 5, isSwapped: false });
      seen.length = 0;
      expect(await running.rebuild()).toMatchObject({ generation: 2, handled: 5, isSwapped: true });
      expect(seen).toEqual([]);
      expect((await items.get("a-1"))?.item).toMatchObject({ deposits: 5 });
      expect((await views.projections.find("balances"))?.generations).toMatchObject([{ status: "retired" }, { status: "live" }]);
      await projections.close();
    }),
  );

  it(
    "a version that was rolled back does not come again by itself",
    virtually(async () => {
      const { items, projecting, projections, running } = await projected(3);
      await projections.start();
      await running.live;
      await projections.close();
      const doubled = (): Projection =>
        projectDocuments(balanceItems, { version: 2 }).on(
          AmountDeposited,
          ({ accountId }) => accountId,
          (item, { accountId, amount }): Balance => ({ accountId, owner: null, balance: (item?.balance ?? 0) + 2 * amount, deposits: 0 }),
        );
      const newer = projecting(doubled());
      await newer.start();
      await newer.of("balances").live;
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 6 });
      await newer.of("balances").rollback();
      while (newer.of("balances").health.status !== "stopped") await sleep(50);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 3 });
      const again = projecting(doubled());
      await expect(again.start()).rejects.toThrow(/version 2 was rolled back to version 1/);
      expect(again.of("balances").health).toMatchObject({ status: "stopped", error: { code: "projection-stopped" } });
      const older = projecting(balancesWith());
      await older.start();
      await older.of("balances").live;
      await older.close();
      await newer.close();
    }),
  );

  it(
    "what was never started can be asked, and events that the context does not list are refused",
    virtually(async () => {
      const { bank, views, running } = await projected(3);
      expect(await running.parked()).toEqual([]);
      expect(await running.lag()).toMatchObject({ events: 3 });
      const stray = projectDocuments(balanceItems).on(
        Unlisted,
        ({ accountId }) => accountId,
        (item) => item,
      );
      expect(() => createProjections(bank, views, [stray])).toThrow(/listed by the context banking.*but is "Unlisted"/);
    }),
  );
});
