import {
  answerFrom,
  caughtUp,
  createListener,
  createQueryBus,
  createReader,
  position,
  Query,
  readAfter,
  ReadModelBase,
  readModelAsOf,
  type QueryBus,
} from "@reactive-domain/foundation";
import type { TestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank, type Bank } from "../banking.ts";
import { hangingStore, type HangingStore } from "../hanging-store.ts";
import { quiet } from "../gate.ts";
import { virtually } from "../listeners/noted.ts";

class Total extends Query("Total")<{ accountId: string }, number> {}

class Totals extends ReadModelBase {
  total = 0;

  constructor() {
    super();
    this.on(AmountDeposited, ({ amount }) => {
      this.total += amount;
    });
  }
}

interface World extends Bank, HangingStore {
  readonly totals: Totals;
  readonly queries: QueryBus;
}

/** A live read model of three deposits, and a store that may hang from then on. */
async function openWorld(): Promise<World> {
  const hanging = hangingStore();
  const bank = openBank(hanging.store);
  await bank.accounts.save(accountWith("a-1", 1, 2, 3));
  const totals = new Totals();
  await totals.start(bank.bank.category(Account));
  await totals.live;
  const queries = createQueryBus();
  queries.handle(
    Total,
    answerFrom(totals, () => totals.total, { timeoutMs: 500 }),
  );
  return { ...hanging, ...bank, totals, queries };
}

function ask(queries: QueryBus, token?: string, signal?: AbortSignal): Promise<number> {
  const query = new Total({ accountId: "a-1" });
  return queries.ask(token === undefined ? query : readAfter.write(query, token), { signal });
}

const FOREIGN = `rd1~${"A".repeat(16)}.1`;

/** What a call comes to whose signal aborts while the store hangs. */
async function aborted(call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController();
  const outcome = call(controller.signal).catch((error: unknown) => error);
  await quiet();
  controller.abort(new Error("enough"));
  return outcome;
}

/** After how many milliseconds a call was refused, and with which error. */
async function refused(
  { clock }: TestRuntime,
  call: () => Promise<unknown>,
): Promise<{ readonly error: unknown; readonly tookMs: number }> {
  const startMs = clock.now();
  const error: unknown = await call().catch((failure: unknown) => failure);
  return { error, tookMs: clock.now() - startMs };
}

describe("while its store hangs", () => {
  it(
    "J12: waiting to be caught up ends after its time, also for several, and tells that the log was not told",
    virtually(async (test) => {
      const { totals, bank, hang, goOn } = await openWorld();
      await using listener = createListener(bank.category(Account));
      await listener.start();
      await listener.live;
      hang();
      const expected = {
        tookMs: 500,
        error: { code: "not-caught-up", details: { wanted: "the end of the log", reached: 2, timeoutMs: 500 } },
      };
      expect(await refused(test, () => totals.caughtUp({ timeoutMs: 500 }))).toMatchObject(expected);
      expect(await refused(test, () => listener.caughtUp({ timeoutMs: 500 }))).toMatchObject(expected);
      expect(await refused(test, () => caughtUp([totals, listener], { timeoutMs: 500 }))).toMatchObject(expected);
      goOn();
      await caughtUp([totals, listener], { timeoutMs: 500 });
      await totals.close();
      expect(test.pendingTimers).toBe(0);
    }),
  );

  it(
    "what waits for it ends with its signal",
    virtually(async () => {
      const { totals, bank, queries, hang, goOn } = await openWorld();
      hang();
      const feed = bank.category(Account);
      const calls: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
        (signal) => totals.caughtUp({ signal }),
        (signal) => caughtUp([totals], { signal }),
        (signal) => totals.lag({ signal }),
        (signal) => new Totals().start(feed, { signal }),
        (signal) => new Totals().start(feed, { signal, from: "end" }),
        (signal) => createListener(feed).start({ signal, mustExist: true }),
        (signal) => createReader(feed).read({ signal }),
        (signal) => readModelAsOf(new Totals(), feed, { position: position(1) }, { signal }),
      ];
      for (const call of calls) expect(await aborted(call)).toEqual(new Error("enough"));
      expect(await aborted((signal) => ask(queries, FOREIGN, signal))).toEqual(new Error("enough"));
      goOn();
      await totals.close();
    }),
  );

  it.each(["start", "end"] as const)("a model and a listener that are being started from the %s can be closed", (from) =>
    virtually(async () => {
      const { totals, bank, hang, goOn } = await openWorld();
      hang();
      const feed = bank.aggregate(Account, "a-1");
      const [model, listener] = [new Totals(), createListener(feed)];
      const starts = [model.start(feed, { from }), listener.start({ from })];
      await quiet();
      await Promise.all([model.close(), listener.close()]);
      await Promise.allSettled(starts);
      expect(listener.health.status).toBe("closed");
      expect(model.health).toMatchObject([{ status: "closed" }]);
      await totals.close();
      goOn();
    })(),
  );

  it(
    "a query ends after its time whatever its token is, and those that need nothing of the store are answered",
    virtually(async (test) => {
      const { totals, bank, queries, hang, goOn } = await openWorld();
      const [good, future] = [await bank.tokenOf({ position: position(2) }), await bank.tokenOf({ position: position(50) })];
      hang();
      expect(await ask(queries)).toBe(6);
      expect(await ask(queries, good)).toBe(6);
      const late = { tookMs: 500, error: { code: "not-caught-up" } };
      expect(await refused(test, () => ask(queries, FOREIGN))).toMatchObject({
        ...late,
        error: { details: { wanted: "the end of the log" } },
      });
      expect(await refused(test, () => ask(queries, future))).toMatchObject({
        ...late,
        error: { details: { wanted: 50, timeoutMs: 500 } },
      });
      goOn();
      expect(await refused(test, () => ask(queries, future))).toMatchObject({ tookMs: 0, error: { code: "ahead-of-log" } });
      expect(await refused(test, () => ask(queries, FOREIGN))).toMatchObject({ tookMs: 0, error: { code: "foreign-token" } });
      await totals.close();
    }),
  );
});

describe("tokens of the future and of other logs that come together", () => {
  it.each(["future", "foreign"] as const)("are refused after one or two looks at the log, however many they are: %s", async (kind) => {
    const { bank, queries, asked, totals } = await openWorld();
    const token = kind === "foreign" ? FOREIGN : await bank.tokenOf({ position: position(50) });
    const before = asked();
    const errors = await Promise.all(
      Array.from({ length: 3_000 }, () => ask(queries, token).catch((error: { code: string }) => error.code)),
    );
    expect(new Set(errors)).toEqual(new Set([kind === "foreign" ? "foreign-token" : "ahead-of-log"]));
    expect(asked() - before).toBeLessThanOrEqual(2);
    await totals.close();
  });

  it("are held against a log that is looked at behind the question, not one that was looked at before", async () => {
    const { bank, accounts, queries, totals, hang, goOn } = await openWorld();
    const future = await bank.tokenOf({ position: position(3) });
    hang();
    const early = ask(queries, future).catch((error: { code: string }) => error.code);
    await quiet();
    await accounts.save(accountWith("a-2", 4));
    const later = ask(queries, future);
    goOn();
    expect(await later).toBe(10);
    expect([10, "ahead-of-log"]).toContain(await early);
    await totals.close();
  });
});

describe("a query of a model that has not handled its history", () => {
  it(
    "waits for it within its time, unless it is content with less",
    virtually(async (test) => {
      const { bank, hang, goOn, totals: other } = await openWorld();
      const totals = new Totals();
      const queries = createQueryBus();
      queries.handle(
        Total,
        answerFrom(totals, () => totals.total, { timeoutMs: 500 }),
      );
      hang();
      const starting = totals.start(bank.category(Account));
      const { error, tookMs } = await refused(test, () => ask(queries));
      expect({ error, tookMs }).toMatchObject({
        tookMs: 500,
        error: { code: "not-caught-up", details: { wanted: "the end of its history" } },
      });
      expect(String(error)).toContain("up to the end of its history within 500 ms, but is at none");
      const content = createQueryBus();
      content.handle(
        Total,
        answerFrom(totals, () => totals.total, { whileCatchingUp: true }),
      );
      expect(await ask(content)).toBe(0);
      const waiting = ask(queries);
      goOn();
      expect(await waiting).toBe(6);
      await starting;
      await Promise.all([totals.close(), other.close()]);
    }),
  );

  it(
    "is refused with what has stopped a feed before that",
    virtually(async () => {
      const { bank, hang, goOn, totals: other } = await openWorld();
      const totals = new Totals();
      const queries = createQueryBus();
      queries.handle(
        Total,
        answerFrom(totals, () => totals.total),
      );
      hang();
      const starting = totals.start(bank.category(Account));
      const asking = ask(queries).catch((error: unknown) => error);
      await quiet();
      await totals.close();
      expect(await asking).toMatchObject({ code: "already-closed" });
      goOn();
      await starting;
      await other.close();
    }),
  );

  it("is made with options that are such", () => {
    expect(() => answerFrom(new Totals(), () => 0, { whileCatchingUp: 1 as never })).toThrow("whileCatchingUp must be true or false");
  });
});
