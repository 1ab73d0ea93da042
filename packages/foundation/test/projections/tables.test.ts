import { createProjections, type EventFailure, type ReadModels, type RunOptions } from "@reactive-domain/foundation";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { accountWith, openBank } from "../banking.ts";
import { deposit } from "../listeners/noted.ts";
import { ledgerIn, ledgerWith, type Connection, type Meddling } from "./ledger.ts";

vi.setConfig({ testTimeout: 60_000 });

const QUICK: RunOptions = { pollMs: 20, failures: { minDelayMs: 1, maxDelayMs: 5 } };
const withTables = everyReadModels.filter(({ name }) => name === "SQLite" || name === "PostgreSQL");

describe.each(withTables)("a projection of tables in $name", ({ open }) => {
  async function projected(meddle?: Meddling, options: RunOptions = {}) {
    const bank = openBank();
    const views = (await open()) as ReadModels<Connection>;
    const projections = createProjections(bank.bank, views, [ledgerWith(meddle)], { ...QUICK, ...options });
    onTestFinished(() => projections.close());
    return { ...bank, views, projections, ledger: projections.of("ledger") };
  }

  it("commits rows and checkpoint together, from the first event on and as events come", async () => {
    const { accounts, views, projections, ledger } = await projected();
    const account = accountWith("a-1");
    account.open("Ann");
    account.deposit(5);
    account.withdraw(2);
    await accounts.save(account);
    await projections.start();
    await ledger.live;
    expect(await ledgerIn(views)).toEqual([{ account: "a-1", owner: "Ann", cents: 3, entries: 2 }]);
    await deposit(accounts, "a-2", 7);
    await ledger.caughtUp();
    expect(await ledgerIn(views)).toEqual([
      { account: "a-1", owner: "Ann", cents: 3, entries: 2 },
      { account: "a-2", owner: null, cents: 7, entries: 1 },
    ]);
  });

  it("undoes what a failing handler did, commits those before it, and parks it with what waits behind", async () => {
    let isBroken = true;
    let tries = 0;
    const meddle: Meddling = (amount) => {
      if (amount === 3) tries++;
      if (isBroken && amount === 3) throw new Error("broken");
    };
    const { accounts, views, projections, ledger } = await projected(meddle);
    await accounts.save(accountWith("a-1", 1, 2, 3, 4));
    await accounts.save(accountWith("a-2", 5));
    await projections.start();
    await ledger.live;
    expect(await ledgerIn(views)).toEqual([
      { account: "a-1", owner: null, cents: 3, entries: 2 },
      { account: "a-2", owner: null, cents: 5, entries: 1 },
    ]);
    expect(await ledger.parked()).toMatchObject([
      { position: 2, key: "banking.account-a-1", state: "parked", attempts: 5, error: "Error: broken" },
      { position: 3, state: "waiting" },
    ]);
    expect(tries).toBe(5);
    isBroken = false;
    await ledger.replayParked({ positions: [], limit: 1 });
    expect(await ledger.parked()).toHaveLength(2);
    await ledger.replayParked({ error: "brok" });
    await vi.waitFor(async () => expect(await ledger.parked()).toEqual([]));
    expect(await ledgerIn(views)).toContainEqual({ account: "a-1", owner: null, cents: 10, entries: 4 });
  });

  it("has an event wait again that waits behind a parked one, when another fails in the commit that it was to wait with", async () => {
    const broken = new Set([1, 3]);
    const meddle: Meddling = (amount) => {
      if (broken.has(amount)) throw new Error("broken");
    };
    const onFailure = ({ position, attempts }: EventFailure): void => {
      if (position === 2 && attempts === 1) broken.delete(3);
    };
    const { accounts, views, projections, ledger } = await projected(meddle, { onFailure });
    await accounts.save(accountWith("a-1", 1, 2));
    await accounts.save(accountWith("a-2", 3, 4));
    await projections.start();
    await ledger.live;
    expect(await ledger.parked()).toMatchObject([
      { position: 0, state: "parked" },
      { position: 1, state: "waiting" },
    ]);
    broken.clear();
    await ledger.replayParked();
    await vi.waitFor(async () => expect(await ledger.parked()).toEqual([]));
    expect(await ledgerIn(views)).toMatchObject([{ cents: 3 }, { cents: 7 }]);
  });

  it("is rebuilt beside what answers, put back, verified, and mended for one key", async () => {
    let factor = 1;
    const meddle: Meddling = (amount, { connection, table }) => {
      if (factor === 1) return undefined;
      const sql = `UPDATE ${table("ledger")} SET cents = cents + ${amount * (factor - 1)} WHERE account = 'a-1'`;
      return "prepare" in connection ? connection.prepare(sql).run() : connection.query(sql);
    };
    const { accounts, views, projections, ledger } = await projected(meddle);
    await accounts.save(accountWith("a-1", 1, 2, 3));
    await projections.start();
    await ledger.live;
    factor = 10;
    const result = await ledger.rebuild({ compare: true });
    expect(result).toMatchObject({ generation: 2, handled: 3, isSwapped: true });
    expect(result.comparison?.tables).toMatchObject([{ table: "ledger", rows: [1, 1], onlyOne: { count: 1 }, onlyOther: { count: 1 } }]);
    expect(await ledgerIn(views)).toMatchObject([{ cents: 60 }]);
    expect(await ledger.verify()).toMatchObject({ isEqual: true });
    factor = 1;
    expect(await ledger.verify()).toMatchObject({ isEqual: false });
    expect(await ledger.rebuildKey("banking.account-a-1")).toEqual({ events: 3 });
    expect(await ledgerIn(views)).toMatchObject([{ cents: 6, entries: 3 }]);
    expect(await ledger.verify()).toMatchObject({ isEqual: true });
    await ledger.rollback();
    await deposit(accounts, "a-1", 4);
    await ledger.caughtUp();
    expect(await ledgerIn(views)).toMatchObject([{ cents: 10, entries: 4 }]);
  });

  it("runs in lanes, each event once and those of a stream in their order, and in others later", async () => {
    const seen = new Map<number, number>();
    const meddle: Meddling = (amount) => void seen.set(amount, (seen.get(amount) ?? 0) + 1);
    const first = await projected(meddle, { lanes: 3 });
    const { accounts, views, bank } = first;
    for (let account = 0; account < 10; account++)
      await accounts.save(accountWith(`a-${account}`, ...Array.from({ length: 5 }, (_, index) => account * 10 + index)));
    await first.projections.start();
    await first.ledger.live;
    expect(await ledgerIn(views)).toHaveLength(10);
    expect((await first.ledger.record()).generations[0]?.lanes).toHaveLength(3);
    await first.projections.close();
    for (let account = 0; account < 10; account++) await deposit(accounts, `a-${account}`, account * 10 + 5);
    const second = createProjections(bank, views, [ledgerWith(meddle)], { ...QUICK, lanes: 2 });
    onTestFinished(() => second.close());
    await second.start();
    await second.of("ledger").caughtUp();
    const rows = await ledgerIn(views);
    expect(rows.map(({ cents }) => cents)).toEqual(Array.from({ length: 10 }, (_, account) => account * 60 + 15));
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
    expect(await second.of("ledger").verify()).toMatchObject({ isEqual: true });
  });

  it("is rebuilt in lanes of which one had an event that failed once, and knows that it has caught up", async () => {
    const failing = new Set<number>();
    const meddle: Meddling = (amount) => {
      if (failing.delete(amount)) throw new Error("not yet");
    };
    const { accounts, views, projections, ledger } = await projected(meddle, { lanes: 4 });
    for (let account = 0; account < 6; account++) await accounts.save(accountWith(`a-${account}`, account));
    failing.add(1);
    await projections.start();
    await ledger.caughtUp({ timeoutMs: 10_000 });
    failing.add(1);
    expect(await ledger.rebuild({ signal: AbortSignal.timeout(20_000) })).toMatchObject({ handled: 6, parked: 0, isSwapped: true });
    expect((await ledgerIn(views)).map(({ cents }) => cents)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("stops at an event that fails, where it is to, tells so, and goes on with it when it is started again", async () => {
    const onStopped = vi.fn<(error: Error) => void>();
    let isBroken = true;
    const meddle: Meddling = (amount) => {
      if (isBroken && amount === 2) throw new Error("broken");
    };
    const failures = { finally: "stop", attempts: 2, minDelayMs: 1, maxDelayMs: 2 } as const;
    const { accounts, bank, views, projections, ledger } = await projected(meddle, { failures, onStopped });
    await accounts.save(accountWith("a-1", 1, 2, 3));
    await projections.start();
    await expect(ledger.live).rejects.toMatchObject({ code: "projection-stopped" });
    expect(ledger.health).toMatchObject({ status: "stopped", error: { code: "projection-stopped" } });
    expect(onStopped).toHaveBeenCalledOnce();
    expect(await ledgerIn(views)).toMatchObject([{ cents: 1 }]);
    expect(await ledger.parked()).toMatchObject([{ state: "failing", attempts: 2, position: 1 }]);
    await projections.close();
    isBroken = false;
    await using again = createProjections(bank, views, [ledgerWith(meddle)], QUICK);
    await again.start();
    await again.of("ledger").live;
    expect(await ledgerIn(views)).toMatchObject([{ cents: 6 }]);
    expect(await again.of("ledger").parked()).toEqual([]);
  });

  it("a newer version is built beside the one that answers, and an older program stops then", async () => {
    const { accounts, bank, views, projections, ledger } = await projected(undefined, { onStopped: () => undefined });
    await accounts.save(accountWith("a-1", 1, 2));
    await projections.start();
    await ledger.live;
    await using newer = createProjections(bank, views, [ledgerWith((amount) => amount, { version: 2 })], QUICK);
    await newer.start();
    await newer.of("ledger").live;
    expect((await newer.of("ledger").record()).generations).toMatchObject([
      { status: "retired", version: 1 },
      { status: "live", version: 2 },
    ]);
    await vi.waitFor(() => expect(ledger.health.status).toBe("stopped"));
    const older = createProjections(bank, views, [ledgerWith()], QUICK);
    await expect(older.start()).rejects.toMatchObject({ code: "projection-stopped" });
  });
});
