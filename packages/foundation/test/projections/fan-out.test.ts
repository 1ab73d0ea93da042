import {
  createInMemoryReadModels,
  createProjections,
  ExpectedVersion,
  projectDocuments,
  sleep,
  StoreUnavailable,
  type Projection,
  type ProjectionStore,
  type ReadModels,
  type RunnableProjection,
  type RunOptions,
} from "@reactive-domain/foundation";
import { newEvent } from "@reactive-domain/store-tests";
import { describe, expect, it } from "vitest";
import { AmountDeposited, openBank } from "../banking.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { balanceItems, balances, balancesWith, type Balance } from "./balances.ts";

/** A projection of deposits to the items that a function tells. Balances tell the order: each amount is a digit. */
function shared(
  keyOf: (account: string) => readonly string[],
  meddle: (key: string, amount: number) => void = () => undefined,
): Projection {
  let projection = projectDocuments(balanceItems);
  for (const only of ["x", "y", "z", "wrong"])
    projection = projection.on(
      AmountDeposited,
      ({ accountId }) => (keyOf(accountId).includes(only) ? only : undefined),
      (item, { amount }): Balance => {
        meddle(only, amount);
        return { accountId: only, owner: null, balance: (item?.balance ?? 0) * 10 + amount, deposits: (item?.deposits ?? 0) + 1 };
      },
    );
  return projection;
}

const byComma = (account: string): readonly string[] => account.split(",");

async function projected(projection: Projection, options: RunOptions = {}) {
  const bank = openBank();
  const views = createInMemoryReadModels();
  const items = await views.repository(balanceItems);
  const projecting = (own: Projection, where: ReadModels = views) =>
    createProjections(bank.bank, where, [own], { failures: { minDelayMs: 1, maxDelayMs: 2 }, ...options });
  const projections = projecting(projection);
  return { ...bank, views, items, projecting, projections, running: projections.of("balances") };
}

async function untilNoneIsLeft(running: RunnableProjection): Promise<void> {
  while ((await running.parked({ limit: 1 })).length > 0) await sleep(20);
}

describe("events that change several items", () => {
  it(
    "what waits behind a parked event is not folded because another item of its event fails",
    virtually(async () => {
      let isBroken = true;
      let failures = 1;
      const meddle = (key: string, amount: number): void => {
        if (isBroken && key === "x" && amount === 1) throw new Error("broken");
        if (key === "y" && failures-- > 0) throw new Error("not yet");
      };
      const { accounts, items, projections, running } = await projected(shared(byComma, meddle));
      await deposit(accounts, "x", 1);
      await deposit(accounts, "x", 2);
      await deposit(accounts, "x,y", 3);
      await projections.start();
      await running.live;
      expect(await items.get("x")).toBeUndefined();
      expect((await items.get("y"))?.item).toMatchObject({ balance: 3 });
      isBroken = false;
      await running.replayParked();
      await untilNoneIsLeft(running);
      expect((await items.get("x"))?.item).toMatchObject({ balance: 123, deposits: 3 });
      expect((await items.get("y"))?.item).toMatchObject({ balance: 3, deposits: 1 });
      await projections.close();
    }),
  );

  it(
    "an event whose key has become another one is not dropped by a replay",
    virtually(async () => {
      const wrong = shared(
        () => ["wrong"],
        () => {
          throw new Error("broken");
        },
      );
      const { accounts, items, projecting, projections, running } = await projected(wrong);
      await deposit(accounts, "x", 1);
      await projections.start();
      await running.live;
      await projections.close();
      const mended = projecting(shared(byComma));
      await mended.start();
      await mended.of("balances").live;
      expect(await mended.of("balances").replayParked()).toBe(1);
      while ((await mended.of("balances").parked())[0]?.attempts !== 5) await sleep(20);
      expect(await mended.of("balances").parked()).toMatchObject([
        { key: "wrong", error: expect.stringMatching(/does not go to wrong any more, but to x: rebuild/) },
      ]);
      expect(await mended.of("balances").rebuild()).toMatchObject({ parked: 0, isSwapped: true });
      expect((await items.get("x"))?.item).toMatchObject({ balance: 1 });
      await mended.close();
    }),
  );

  it(
    "what comes behind an event of its stream that could not be read waits, and others pass",
    virtually(async () => {
      const { store, accounts, items, projections, running } = await projected(balances);
      await deposit(accounts, "a-1", 1);
      await store.append("banking.account-a-1", [newEvent({ type: "AmountDeposited", data: "{" })], {
        expectedVersion: ExpectedVersion.any,
      });
      const later = newEvent({ type: "AmountDeposited", data: '{"accountId":"a-1","amount":4}' });
      await store.append("banking.account-a-1", [later], { expectedVersion: ExpectedVersion.any });
      await deposit(accounts, "a-2", 2);
      await projections.start();
      await running.live;
      expect(await running.parked()).toMatchObject([
        { position: 1, key: "banking.account-a-1", state: "parked" },
        { position: 2, key: "banking.account-a-1", state: "waiting" },
      ]);
      expect((await items.get("a-1"))?.item).toMatchObject({ balance: 1 });
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 2 });
      await projections.close();
    }),
  );

  it.each<readonly [string, unknown]>([
    ["a number", 5],
    ["no text", Number.NaN],
    ["an object", {}],
    ["text with NUL", "a\0"],
    ["a promise", Promise.resolve("a-1")],
  ])("a key that is %s has its event parked, and others handled", (_, key) =>
    virtually(async () => {
      const projection = projectDocuments(balanceItems).on(
        AmountDeposited,
        ({ accountId, amount }) => (amount === 3 ? (key as string) : accountId),
        (item, { accountId, amount }): Balance => ({ accountId, owner: null, balance: (item?.balance ?? 0) + amount, deposits: 1 }),
      );
      const { accounts, items, projections, running } = await projected(projection);
      await deposit(accounts, "a-1", 3);
      await deposit(accounts, "a-2", 4);
      await projections.start();
      await running.live;
      expect(await running.parked()).toMatchObject([{ position: 0, state: "parked", error: expect.stringMatching(/The key of an item/) }]);
      expect((await items.get("a-2"))?.item).toMatchObject({ balance: 4 });
      await projections.close();
    })(),
  );
});

describe("what keeps a projection", () => {
  /** What keeps projections, and fails so often at one of its calls. */
  function failing(views: ReadModels, call: keyof ProjectionStore, times: number): ReadModels {
    let left = times;
    const store = new Proxy(views.projections, {
      get: (target, name) => {
        const own: unknown = Reflect.get(target, name);
        if (typeof own !== "function") return own;
        return async (...args: readonly unknown[]): Promise<unknown> => {
          if (name === call && left-- > 0) throw new StoreUnavailable("What keeps projections", "went away", { retryable: true });
          return Reflect.apply(own, target, args);
        };
      },
    });
    return Object.assign(Object.create(views) as ReadModels, { projections: store });
  }

  it.each(["build", "change", "find", "acquire", "documents"] as const)("that is away at %s is waited for by an upgrade", (call) =>
    virtually(async () => {
      const { bank } = await openWith(4);
      const views = createInMemoryReadModels();
      {
        await using first = createProjections(bank, views, [balances]);
        await first.start();
        await first.of(balances).live;
      }
      const newer = balancesWith(() => undefined, { version: 2 });
      await using second = createProjections(bank, failing(views, call, 2), [newer], { resume: { minDelayMs: 1, maxDelayMs: 2 } });
      await second.start();
      await second.of(newer).live;
      expect((await second.of(newer).record()).generations).toMatchObject([
        { status: "retired" },
        { status: "live", version: 2, handled: 4 },
      ]);
    })(),
  );

  it(
    "a projection that is closed while it starts does nothing afterwards, and leaves its place to others",
    virtually(async () => {
      const { bank } = await openWith(4);
      for (let steps = 0; steps < 40; steps++) {
        const views = createInMemoryReadModels();
        const projections = createProjections(bank, views, [balances]);
        const starting = projections.start();
        for (let step = 0; step < steps; step++) await Promise.resolve();
        await projections.close();
        await starting.catch(() => undefined);
        const handled = (await views.projections.find("balances"))?.generations[0]?.handled;
        await sleep(5_000);
        const generation = (await views.projections.find("balances"))?.generations[0];
        expect([generation?.worker ?? null, generation?.handled]).toEqual([null, handled]);
        expect(projections.of(balances).health.status).toBe("closed");
      }
    }),
  );

  it(
    "a pause stays when a verification that it came into has ended",
    virtually(async () => {
      const { bank } = await openWith(4);
      const views = createInMemoryReadModels();
      await using projections = createProjections(bank, views, [balances]);
      await projections.start();
      const running = projections.of(balances);
      await running.live;
      const compare = views.projections.compare.bind(views.projections);
      Object.assign(views.projections, {
        compare: async (...args: Parameters<typeof compare>) => {
          await running.pause();
          return compare(...args);
        },
      });
      expect(await running.verify()).toMatchObject({ isEqual: true });
      expect((await running.record()).pausedUntil?.getUTCFullYear()).toBe(9_999);
    }),
  );
});
