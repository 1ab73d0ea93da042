import { createInMemoryReadModels, createProjections, sleep, type ReadModels } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { accountWith, openBank } from "../banking.ts";
import { deposit, virtually } from "../listeners/noted.ts";
import { balanceItems, balancesWith } from "./balances.ts";
import { TreatedStore } from "./drill/treated-store.ts";

/** Workers that are gone as soon as they come to a deposit of this amount. */
async function withKiller(amount: number, amounts: readonly number[]) {
  const { bank, accounts } = openBank();
  await accounts.save(accountWith("a-1", ...amounts));
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  let isDeadly = true;
  const seen: number[] = [];
  const start = async () => {
    const treated = new TreatedStore(views.projections);
    const own: ReadModels = Object.assign(Object.create(views) as ReadModels, { projections: treated.store });
    const projection = balancesWith((event) => {
      seen.push(event.amount);
      if (isDeadly && event.amount === amount) treated.treat({ how: "kill" });
    });
    const options = {
      worker: `worker ${seen.length}`,
      leaseMs: 1_000,
      pollMs: 100,
      failures: { attempts: 3, minDelayMs: 1, maxDelayMs: 2 },
    };
    const projections = createProjections(bank, own, [projection], options);
    await projections.start();
    return { projections, balances: projections.of("balances"), treated };
  };
  /** Starts workers until one lives. */
  const startUntilAlive = async () => {
    for (let deaths = 0; ; deaths++) {
      const worker = await start();
      while (!worker.treated.isDead && worker.balances.health.status !== "live") await sleep(50);
      if (!worker.treated.isDead) return { ...worker, deaths };
      await sleep(2_000);
    }
  };
  return { accounts, items, seen, startUntilAlive, heal: () => (isDeadly = false) };
}

describe("an event that ends its worker every time", () => {
  it(
    "is found, parked, and its neighbours are handled, each once",
    virtually(async () => {
      const amounts = Array.from({ length: 300 }, (_, index) => index + 1);
      const { accounts, items, startUntilAlive, heal } = await withKiller(137, amounts);
      await deposit(accounts, "a-2", 5);
      const { projections, balances, deaths } = await startUntilAlive();
      expect(deaths).toBeLessThan(12);
      const [parked, ...behind] = await balances.parked({ limit: 1_000 });
      expect(parked).toMatchObject({
        state: "parked",
        position: 136,
        key: "a-1",
        error: expect.stringMatching(/Its worker went away with it \d times/),
      });
      expect(behind).toHaveLength(163);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: (136 * 137) / 2, deposits: 136 });
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 5 });
      heal();
      await balances.replayParked();
      while ((await balances.parked({ limit: 1 })).length > 0) await sleep(50);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: (300 * 301) / 2, deposits: 300 });
      await projections.close();
    }),
  );

  it(
    "goes alone first where a worker went away, and what is well is done soon",
    virtually(async () => {
      const { items, seen, startUntilAlive, heal } = await withKiller(1, [1, 2, 3]);
      const dying = startUntilAlive();
      while (seen.length === 0) await sleep(1);
      heal();
      const { projections, deaths } = await dying;
      expect(deaths).toBe(1);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 6, deposits: 3 });
      await projections.close();
    }),
  );
});
