import { createHealth, createListener, InvalidArgument, shareFeed, StoreUnavailable } from "@reactive-domain/foundation";
import { createInMemoryStore, type HealthSource, type Reporting } from "@reactive-domain/foundation";
import { injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited, openBank, refusalOf } from "../banking.ts";
import { hangingStore } from "../hanging-store.ts";
import { Gate } from "../gate.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { Totals } from "../read-models/totals.ts";
import { reported } from "./reported.ts";

const FEED = "category Account of banking";
const HOUR_MS = 3_600_000;

const away = (): Error => new StoreUnavailable("The store", "restarts", { retryable: true });

describe("a health", () => {
  it(
    "tells how read models, listeners and shared feeds are",
    virtually(async ({ clock }) => {
      const { bank } = await openWith(3);
      await using totals = new Totals();
      await using listener = createListener(bank.category(Account), { name: "mailer" });
      await using sharing = new Totals();
      const shared = shareFeed(bank.eventType(AmountDeposited));
      shared.attach(sharing);
      const health = createHealth([totals, listener, shared]);
      expect(await health.report()).toMatchObject({
        status: "degraded",
        isReady: false,
        workers: [
          { kind: "read-model", name: "Totals", feed: null, status: "not-started", lag: null },
          { kind: "listener", name: "mailer", feed: FEED, status: "not-started", lag: { events: 3, ms: 0 } },
          { kind: "listener", name: "shared read", feed: "events of type AmountDeposited of banking", status: "not-started" },
        ],
      });
      await Promise.all([totals.start(bank.category(Account)), listener.start(), shared.start()]);
      await Promise.all([totals.live, listener.live, shared.live]);
      await clock.advanceBy(40);
      const common = { status: "live", position: 2, lag: { events: 0, ms: 0 }, parked: 0, failing: 0, error: undefined };
      const known = { interruptions: 0, isStalled: false, isReady: true };
      expect(await health.report()).toEqual({
        status: "ok",
        alarms: [],
        isLive: true,
        isReady: true,
        workers: [
          { kind: "read-model", name: "Totals", feed: FEED, progressAgeMs: 40, ...common, ...known },
          { kind: "listener", name: "mailer", feed: FEED, progressAgeMs: 40, ...common, ...known },
          {
            kind: "listener",
            name: "shared read",
            feed: "events of type AmountDeposited of banking",
            progressAgeMs: null,
            ...common,
            ...known,
          },
        ],
      });
    }),
  );

  it("of nothing is well", async () => {
    expect(await createHealth().report()).toEqual({ status: "ok", workers: [], alarms: [], isLive: true, isReady: true });
  });

  it("looks at what is added while it is at work, and no more at what is removed", async () => {
    const gate = new Gate();
    const slow = reported({ name: "slow" });
    const waiting: Reporting = { report: async () => gate.pass().then(() => slow.report()) };
    const health = createHealth([waiting]);
    const before = health.report();
    health.add(reported({ name: "late" }));
    const after = health.report();
    gate.open();
    expect((await before).workers.map(({ name }) => name)).toEqual(["slow"]);
    expect((await after).workers.map(({ name }) => name)).toEqual(["slow", "late"]);
    expect([health.remove(waiting), health.remove(waiting)]).toEqual([true, false]);
    expect((await health.report()).workers.map(({ name }) => name)).toEqual(["late"]);
  });

  it("looks once for all who ask together, and again for who asks afterwards", async () => {
    let looks = 0;
    const { report } = reported();
    const counted: Reporting = {
      report: async () => {
        looks++;
        return report();
      },
    };
    const health = createHealth([counted]);
    const [first, second] = await Promise.all([health.report(), health.report()]);
    expect(second).toBe(first);
    expect(looks).toBe(1);
    await health.report();
    expect(looks).toBe(2);
  });

  it("has who gives up leave, and those who stay told", async () => {
    const gate = new Gate();
    const { report } = reported();
    const health = createHealth([{ report: async () => gate.pass().then(() => report()) }]);
    const giving = new AbortController();
    const left = health.report({ signal: giving.signal });
    const stays = health.report();
    giving.abort(new Error("I have no time."));
    await expect(left).rejects.toThrow("I have no time.");
    gate.open();
    expect(await stays).toMatchObject({ status: "ok" });
  });

  it("calls two of one name differently", async () => {
    const health = createHealth([reported(), reported(), reported({ kind: "group" }), reported()]);
    const { workers } = await health.report();
    expect(workers.map(({ kind, name }) => [kind, name])).toEqual([
      ["projection", "balances"],
      ["projection", "balances (2)"],
      ["group", "balances"],
      ["projection", "balances (3)"],
    ]);
  });

  it("calls none as another one is called already", async () => {
    const health = createHealth([reported({ name: "q" }), reported({ name: "q (2)" }), reported({ name: "q" })]);
    const { workers } = await health.report();
    expect(workers.map(({ name }) => name)).toEqual(["q", "q (2)", "q (3)"]);
  });

  it.each([
    ["without a lag", { lag: undefined }],
    ["of a feed that is a number", { feed: 5 }],
    ["at a position that no JSON knows", { position: 5n }],
  ])("does not show a report %s, and says so", async (_, part) => {
    const health = createHealth([reported(part as never), reported()]);
    const { status, workers, alarms } = await health.report();
    expect(status).toBe("failing");
    expect(workers).toHaveLength(1);
    expect(alarms).toMatchObject([expect.stringContaining("invalid-argument")]);
  });

  it("takes a read model for one, also when it has a report of its own", async () => {
    class Reports extends Totals {
      report(): string {
        return "the report of the year";
      }
    }
    const health = createHealth([new Reports()]);
    expect((await health.report()).workers).toMatchObject([{ kind: "read-model", name: "Reports" }]);
  });

  it.each([
    ["nothing", undefined],
    ["a text", "balances"],
    ["a store", createInMemoryStore()],
    ["a feed", openBank().bank.all()],
    ["a list", []],
  ])("refuses %s to look at", (_, source) => {
    expect(refusalOf(() => createHealth([source as unknown as HealthSource]))).toBeInstanceOf(InvalidArgument);
    expect(refusalOf(() => createHealth().add(source as unknown as HealthSource))).toBeInstanceOf(InvalidArgument);
  });

  it("refuses to look at something twice", () => {
    const worker = reported();
    expect(refusalOf(() => createHealth([worker, worker]))).toBeInstanceOf(InvalidArgument);
  });

  it.each([
    { stalledAfterMs: 0 },
    { stalledAfterMs: Number.NaN },
    { lagTimeoutMs: -1 },
    { lagTimeoutMs: "800" },
    { lagTimeoutMs: Number.POSITIVE_INFINITY },
    { stalledAfter: 5 },
    null,
  ])("refuses the options %j", (options) => {
    expect(refusalOf(() => createHealth([], options as object))).toBeInstanceOf(InvalidArgument);
  });

  it("refuses sources that are no list, and unknown options of a report", async () => {
    expect(refusalOf(() => createHealth(reported() as never))).toBeInstanceOf(InvalidArgument);
    await expect(createHealth().report({ timeoutMs: 5 } as object)).rejects.toThrow(InvalidArgument);
  });
});

describe("the status", () => {
  it.each([
    ["ok", { status: "live" }],
    ["ok", { status: "standby" }],
    ["ok", { status: "catching-up", lag: { events: 9, ms: 9 } }],
    ["ok", { status: "ended", lag: null }],
    ["degraded", { status: "interrupted" }],
    ["degraded", { status: "paused", lag: { events: 9, ms: HOUR_MS } }],
    ["degraded", { status: "closed", lag: null }],
    ["degraded", { status: "not-started", lag: null }],
    ["degraded", { parked: 1 }],
    ["degraded", { failing: 1 }],
    ["failing", { status: "stopped" }],
    ["failing", { status: "live", lag: null }],
    ["failing", { status: "interrupted", lag: null }],
  ] as const)("is %s of %j", async (status, given) => {
    expect(await createHealth([reported(), reported(given)]).report()).toMatchObject({ status });
  });

  it("is failing when a handler has thrown, and says who has stopped, with codes alone", async () => {
    const { bank } = await openWith(1);
    await using totals = new Totals(() => {
      throw new Error("Ann has no card 4711.");
    });
    const health = createHealth([totals]);
    await totals.start(bank.category(Account), { onFault: () => undefined });
    await expect(totals.live).rejects.toThrow("4711");
    const { status, alarms, isLive, isReady, workers } = await health.report();
    expect({ status, isLive, isReady }).toEqual({ status: "failing", isLive: false, isReady: false });
    expect(alarms).toEqual([`read-model Totals on ${FEED} has stopped: feed-faulted.`]);
    expect(workers).toMatchObject([{ status: "stopped", position: null, lag: { events: 1 }, error: { code: "feed-faulted" } }]);
  });

  it(
    "is degraded while the store interrupts one, and ok when that goes on",
    virtually(async ({ clock }) => {
      const faults = injectFaults(createInMemoryStore());
      const bank = openBank(faults.store);
      await openWith(2, bank);
      await using totals = new Totals();
      await totals.start(bank.bank.category(Account), { resume: { minDelayMs: 100, maxDelayMs: 100 } });
      await totals.live;
      const health = createHealth([totals]);
      faults.dropSubscriptions({ error: away() });
      await clock.advanceBy(1);
      const interrupted = await health.report();
      expect(interrupted).toMatchObject({ status: "degraded", isReady: false, isLive: true });
      expect(interrupted.workers).toMatchObject([{ status: "interrupted", interruptions: 1, error: { code: "store-unavailable" } }]);
      await clock.advanceBy(1_000);
      expect(await health.report()).toMatchObject({ status: "ok", isReady: true });
    }),
  );
});

describe("a store that does not answer", () => {
  it(
    "gives no lag and an alarm, in time, and the others are told as always",
    virtually(async ({ clock }) => {
      const { store, hang, goOn } = hangingStore();
      const [hung, sound] = [openBank(store), openBank()];
      for (const bank of [hung, sound]) await openWith(1, bank);
      await using stuck = createListener(hung.bank.category(Account), { name: "stuck" });
      await using well = createListener(sound.bank.category(Account), { name: "well" });
      for (const listener of [stuck, well]) await listener.start();
      for (const listener of [stuck, well]) await listener.live;
      hang();
      const health = createHealth([stuck, well], { lagTimeoutMs: 250 });
      const startedMs = clock.monotonicMs();
      const report = await health.report();
      expect(clock.monotonicMs() - startedMs).toBe(250);
      expect(report).toMatchObject({ status: "failing", isLive: true, isReady: true });
      expect(report.alarms).toEqual([`listener stuck on ${FEED} cannot tell how far it is: not-answered.`]);
      expect(report.workers).toMatchObject([
        { name: "stuck", status: "live", position: 0, lag: null },
        { name: "well", status: "live", position: 0, lag: { events: 0, ms: 0 } },
      ]);
      goOn();
      expect(await health.report()).toMatchObject({ status: "ok" });
    }),
  );

  it(
    "tells of a closed one without asking",
    virtually(async () => {
      const { bank, store } = openBank();
      const listener = createListener(bank.category(Account));
      await listener.start();
      await listener.close();
      await store.close();
      const report = await createHealth([listener]).report();
      expect(report).toMatchObject({ status: "degraded", alarms: [], workers: [{ status: "closed", lag: null }] });
    }),
  );
});

describe("a report that fails", () => {
  const broken: Reporting = { report: () => Promise.reject(away()) };

  it("does not spoil those of others", async () => {
    const throwing: Reporting = {
      report: () => {
        throw new TypeError("secret");
      },
    };
    const wrong = { report: async () => "well" } as unknown;
    const health = createHealth([broken, reported(), throwing, wrong as Reporting]);
    const report = await health.report();
    expect(report).toMatchObject({ status: "failing", isLive: true, isReady: false });
    expect(report.workers.map(({ name }) => name)).toEqual(["balances"]);
    expect(report.alarms).toEqual([
      "A worker has never told how it is: store-unavailable.",
      "A worker has never told how it is: TypeError.",
      "A worker has never told how it is: invalid-argument.",
    ]);
  });

  it(
    "keeps what was known of it, without its lag",
    virtually(async () => {
      const worker = reported();
      let isHung = false;
      let reason: unknown;
      const health = createHealth([
        {
          report: (options) => {
            if (!isHung) return worker.report();
            options?.signal?.addEventListener("abort", () => {
              reason = options.signal?.reason;
            });
            return new Promise(() => undefined);
          },
        },
      ]);
      await health.report();
      isHung = true;
      const report = await health.report();
      expect(report).toMatchObject({ status: "failing", isReady: true });
      expect(report.workers).toMatchObject([{ name: "balances", position: 7, lag: null, error: { code: "not-answered" } }]);
      expect(report.alarms).toEqual(["projection balances cannot tell how far it is: not-answered."]);
      expect(reason).toMatchObject({ code: "not-answered" });
    }),
  );
});

describe("who stands still", () => {
  it(
    "is an alarm when a handler hangs with events before it, from the time on that is set",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(1);
      const gate = new Gate();
      await using totals = new Totals((_, { version }) => (version === 1 ? gate.pass() : undefined));
      await totals.start(bank.category(Account));
      await totals.live;
      const health = createHealth([totals], { stalledAfterMs: 5_000 });
      await health.report();
      await clock.advanceBy(HOUR_MS);
      await deposit(accounts, "a-1");
      await clock.advanceBy(10);
      expect(await health.report()).toMatchObject({ status: "ok" });
      await clock.advanceBy(4_999);
      expect(await health.report()).toMatchObject({ status: "ok", isLive: true });
      await clock.advanceBy(1);
      const stalled = await health.report();
      expect(stalled).toMatchObject({ status: "failing", isLive: false, isReady: true, workers: [{ isStalled: true, status: "live" }] });
      expect(stalled.alarms).toEqual([
        `read-model Totals on ${FEED} has stood still at position 0 for 5 s, with 1 events before it; it is busy with AmountDeposited at position 1.`,
      ]);
      gate.open();
      await totals.caughtUp();
      expect(await health.report()).toMatchObject({ status: "ok", isLive: true, alarms: [] });
    }),
  );

  it(
    "is none while it moves, however far behind it is",
    virtually(async ({ clock }) => {
      const worker = reported({ status: "catching-up", lag: { events: 1_000, ms: HOUR_MS } });
      const health = createHealth([worker]);
      for (let look = 0; look < 10; look++) {
        worker.set({ position: look, lag: { events: 1_000 + look, ms: HOUR_MS } });
        expect((await health.report()).alarms).toEqual([]);
        await clock.advanceBy(29_000);
      }
    }),
  );

  it(
    "is none whose lag shrinks, and one whose lag grows",
    virtually(async ({ clock }) => {
      const [shrinks, grows] = [reported({ name: "shrinks" }), reported({ name: "grows" })];
      const health = createHealth([shrinks, grows]);
      for (let look = 0; look < 5; look++) {
        shrinks.set({ lag: { events: 10 - look, ms: 1 } });
        grows.set({ lag: { events: 10 + look, ms: 1 } });
        await clock.advanceBy(20_000);
        await health.report();
      }
      expect((await health.report()).alarms).toEqual([
        "projection grows has stood still at position 7 for 80 s, with 14 events before it.",
      ]);
    }),
  );

  it(
    "is none that was idle in between, nor one that is paused or on its own first look",
    virtually(async ({ clock }) => {
      const [idle, paused, late] = [reported(), reported({ name: "paused", status: "paused" }), reported({ name: "late" })];
      const busy = { lag: { events: 3, ms: HOUR_MS } };
      for (const worker of [idle, paused, late]) worker.set(busy);
      const health = createHealth([idle, paused]);
      await health.report();
      await clock.advanceBy(20_000);
      idle.set({ lag: { events: 0, ms: 0 } });
      await health.report();
      idle.set(busy);
      health.add(late);
      await clock.advanceBy(20_000);
      expect(await health.report()).toMatchObject({ status: "degraded", alarms: [] });
      await clock.advanceBy(20_000);
      expect(await health.report()).toMatchObject({ alarms: [] });
    }),
  );

  it(
    "is one also when its lag could not be asked in between",
    virtually(async ({ clock }) => {
      const worker = reported({ status: "interrupted", lag: { events: 3, ms: 1 } });
      const health = createHealth([worker]);
      await health.report();
      worker.set({ position: null, lag: null });
      await clock.advanceBy(31_000);
      expect(await health.report()).toMatchObject({ isLive: true, alarms: ["projection balances cannot tell how far it is."] });
      worker.set({ position: 7, lag: { events: 3, ms: 1 } });
      expect(await health.report()).toMatchObject({ isLive: false, workers: [{ isStalled: true }] });
    }),
  );

  it(
    "is a shared read whose model is slow, too, and both say so",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(1);
      const gate = new Gate();
      await using totals = new Totals((_, { version }) => (version > 0 ? gate.pass() : undefined));
      const shared = shareFeed(bank.category(Account));
      shared.attach(totals);
      await shared.start();
      await shared.live;
      const health = createHealth([shared, totals]);
      for (let time = 0; time < 4; time++) await deposit(accounts, "a-1");
      await health.report();
      await clock.advanceBy(30_000);
      const { alarms } = await health.report();
      expect(alarms).toContain(
        `read-model Totals on ${FEED} has stood still at position 0 for 30 s, with 4 events before it; it is busy with AmountDeposited at position 1.`,
      );
      gate.open();
      await totals.caughtUp();
      expect(await health.report()).toMatchObject({ status: "ok" });
    }),
  );
});

describe("liveness", () => {
  it.each([{ parked: 1 }, { failing: 1 }])("stays where others wait behind an event that no restart mends: %j", (trouble) =>
    virtually(async ({ clock }) => {
      const worker = reported({ kind: "group", lag: { events: 3, ms: 1 }, ...trouble });
      const health = createHealth([worker]);
      await health.report();
      await clock.advanceBy(30_000);
      expect(await health.report()).toMatchObject({ status: "failing", isLive: true, workers: [{ isStalled: true }] });
      worker.set({ parked: 0, failing: 0 });
      expect(await health.report()).toMatchObject({ status: "failing", isLive: false });
    })(),
  );
});

describe("readiness", () => {
  it("comes with the history, and stays when one falls behind again", async () => {
    const { bank } = await openWith(3);
    const gate = new Gate();
    await using totals = new Totals(() => gate.pass());
    const health = createHealth([totals]);
    await totals.start(bank.category(Account));
    expect(await health.report()).toMatchObject({ status: "ok", isReady: false });
    gate.open();
    await totals.live;
    expect(await health.report()).toMatchObject({ isReady: true });
    const worker = reported({ status: "catching-up" });
    health.add(worker);
    expect(await health.report()).toMatchObject({ isReady: false });
    for (const status of ["live", "interrupted", "catching-up"] as const) {
      worker.set({ status });
      expect(await health.report()).toMatchObject({ isReady: true });
    }
    worker.set({ status: "stopped" });
    expect(await health.report()).toMatchObject({ isReady: false });
  });

  it("does not wait for a group: nobody asks it", async () => {
    expect(await createHealth([reported({ kind: "group", status: "catching-up" })]).report()).toMatchObject({ isReady: true });
  });
});
