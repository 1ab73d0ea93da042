import { AlreadyClosed, InvalidArgument, ReadModelBase, type EventStore, type SnapshotKeeping } from "@reactive-domain/foundation";
import type { SnapshotItem } from "@reactive-domain/persistence";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank, type Bank } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { watchProcess } from "../process-notices.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

const NAME = "read-model.totals";

const warnings = watchProcess();

interface Kept {
  readonly model: Totals;
  readonly keeping: SnapshotKeeping;
}

interface Wanted {
  readonly schemaVersion?: number;
  readonly everyEvents?: number;
  readonly everyMs?: number;
}

/** A model whose state is kept, live on all accounts. */
async function openKept({ bank, store }: Bank, options: Wanted = {}, model = new Totals()): Promise<Kept> {
  const keeping = await model.keepSnapshots(store, { name: "totals", schemaVersion: 1, ...options });
  await model.start(bank.category(Account));
  await model.live;
  return { model, keeping };
}

/** How far the state is that a store has; `undefined` where it has none. */
const keptIn = async (store: EventStore): Promise<number | undefined> => (await store.snapshot(NAME))?.version;

/** The item that writes what is kept. */
async function snapshotOf(store: EventStore): Promise<SnapshotItem> {
  const kept = await store.snapshot(NAME);
  if (kept === undefined) throw new Error("Nothing is kept.");
  const { name, version, schemaVersion, contentType, data, hash } = kept;
  return { kind: "snapshot", name, version, schemaVersion, contentType, data, hash };
}

describe.each(everyStore)("the state of a read model on $name", ({ open }) => {
  it("is kept, and gone on from by the next program", async () => {
    const opened = await openWith(5, openBank(await open()));
    const first = await openKept(opened);
    expect(first.keeping.restored).toBe(false);
    expect(await first.keeping.save()).toBe(true);
    expect(await keptIn(opened.store)).toBe(4);
    await first.model.close();
    await deposit(opened.accounts, "a-1", 10);
    const second = await openKept(opened);
    expect(second.keeping.restored).toBe(true);
    expect(second.model.handled).toBe(1);
    expect(second.model.of("a-1")).toBe(15);
    await second.model.close();
    const [{ model }] = [await openKept(opened, { schemaVersion: 2 })];
    expect(model.handled).toBe(6);
    await model.close();
  });

  it("is replaced where it cannot be used, however far it says it is", async () => {
    const opened = await openWith(3, openBank(await open()));
    const { model, keeping } = await openKept(opened);
    await keeping.save();
    await model.close();
    await opened.store.write([{ ...(await snapshotOf(opened.store)), version: 90, hash: "broken" }]);
    const next = await openKept(opened);
    expect(next.keeping.restored).toBe(false);
    expect(next.model.handled).toBe(3);
    await quiet();
    expect(warnings).toMatchObject([{ code: "corrupt-snapshot", details: { version: 90 } }]);
    expect(await next.keeping.save()).toBe(true);
    await next.model.close();
    const last = await openKept(opened);
    expect(last.keeping.restored).toBe(true);
    expect(last.model.handled).toBe(0);
    await last.model.close();
  });
});

describe("keeping the state of a read model", () => {
  it(
    "happens when so many events were handled, and so many more",
    virtually(async () => {
      const opened = await openWith(0);
      const { model } = await openKept(opened, { everyEvents: 3 });
      const kept: unknown[] = [];
      for (let round = 0; round < 7; round++) {
        await deposit(opened.accounts, "a-1");
        await model.caughtUp();
        await quiet();
        kept.push(await keptIn(opened.store));
      }
      expect(kept).toEqual([undefined, undefined, 2, 2, 2, 5, 5]);
      await model.close();
    }),
  );

  it(
    "waits for the history, and counts it",
    virtually(async () => {
      const opened = await openWith(10);
      const gate = new Gate();
      const model = new Totals((_, context) => (context.position === 9 ? gate.pass() : undefined));
      await model.keepSnapshots(opened.store, { name: "totals", schemaVersion: 1, everyEvents: 3 });
      await model.start(opened.bank.category(Account));
      await quiet();
      expect(await keptIn(opened.store)).toBeUndefined();
      gate.open();
      await model.live;
      await quiet();
      expect(await keptIn(opened.store)).toBe(9);
      await model.close();
    }),
  );

  it(
    "happens behind 10,000 events where nothing else is said",
    virtually(async () => {
      const opened = openBank();
      const many = Array.from({ length: 5_000 }, () => 1);
      await opened.accounts.save(accountWith("a-1", ...many));
      await opened.accounts.save(accountWith("a-2", ...many.slice(1)));
      const { model } = await openKept(opened);
      await quiet();
      expect(await keptIn(opened.store)).toBeUndefined();
      await deposit(opened.accounts, "a-2");
      await model.caughtUp();
      await quiet();
      expect(await keptIn(opened.store)).toBe(9_999);
      await model.close();
    }),
  );

  it(
    "happens when so much time has passed, if something was handled since, and not otherwise",
    virtually(async (test) => {
      const opened = await openWith(1);
      const { model } = await openKept(opened, { everyMs: 1_000 });
      await test.clock.advanceBy(999);
      expect(await keptIn(opened.store)).toBeUndefined();
      await test.clock.advanceBy(1);
      expect(await keptIn(opened.store)).toBe(0);
      await test.clock.advanceBy(10_000);
      expect(test.pendingTimers).toBe(0);
      await deposit(opened.accounts, "a-1");
      await model.caughtUp();
      await quiet();
      expect(await keptIn(opened.store)).toBe(1);
      await deposit(opened.accounts, "a-1");
      await model.caughtUp();
      expect(test.pendingTimers).toBe(1);
      await model.close();
      expect(test.pendingTimers).toBe(0);
      expect(await keptIn(opened.store)).toBe(1);
    }),
  );

  it(
    "does not wait for the other measure where both are given",
    virtually(async ({ clock }) => {
      const opened = await openWith(0);
      const { model } = await openKept(opened, { everyMs: 1_000, everyEvents: 2 });
      await deposit(opened.accounts, "a-1");
      await deposit(opened.accounts, "a-1");
      await model.caughtUp();
      await quiet();
      expect(await keptIn(opened.store)).toBe(1);
      await deposit(opened.accounts, "a-1");
      await clock.advanceBy(1_001);
      expect(await keptIn(opened.store)).toBe(2);
      await model.close();
    }),
  );

  it(
    "on demand tells whether it is kept: not before anything was handled, and not once it is closed",
    virtually(async () => {
      const opened = await openWith(0);
      const { model, keeping } = await openKept(opened);
      expect(await keeping.save()).toBe(false);
      await deposit(opened.accounts, "a-1");
      await model.caughtUp();
      expect(await keeping.save()).toBe(true);
      expect(await keeping.save()).toBe(true);
      await model.close();
      await expect(keeping.save()).rejects.toBeInstanceOf(AlreadyClosed);
    }),
  );

  it(
    "on demand rejects with what the store throws, and with why it cannot be captured",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const opened = await openWith(1, openBank(faults.store));
      const { model, keeping } = await openKept(opened);
      faults.failWrites({ error: new Error("disk full") });
      await expect(keeping.save()).rejects.toThrow("disk full");
      expect(await keeping.save()).toBe(true);
      await model.publish(new AmountDeposited({ accountId: "a-1", amount: 1 }));
      await expect(keeping.save()).rejects.toMatchObject({ code: "capture-refused" });
      await model.close();
    }),
  );

  it(
    "leaves alone what a later program has kept, which passes over what an earlier one has",
    virtually(async () => {
      const opened = await openWith(2);
      const old = await openKept(opened, { schemaVersion: 1, everyEvents: 1 });
      await quiet();
      const later = await openKept(opened, { schemaVersion: 2 });
      expect(later.keeping.restored).toBe(false);
      expect(later.model.handled).toBe(2);
      expect(await later.keeping.save()).toBe(true);
      await deposit(opened.accounts, "a-1");
      await old.model.caughtUp();
      await quiet();
      expect(await old.keeping.save()).toBe(false);
      expect(await opened.store.snapshot(NAME)).toMatchObject({ schemaVersion: 2, version: 1 });
      await Promise.all([old.model.close(), later.model.close()]);
      expect(warnings).toEqual([]);
    }),
  );

  it(
    "leaves alone what another program of this release has kept further on",
    virtually(async () => {
      const opened = await openWith(1);
      const gate = new Gate();
      const slow = await openKept(opened, {}, new Totals((_, context) => (context.position === 1 ? gate.pass() : undefined)));
      const quick = await openKept(opened);
      await deposit(opened.accounts, "a-1");
      await quick.model.caughtUp();
      expect(await quick.keeping.save()).toBe(true);
      await deposit(opened.accounts, "a-1");
      await quiet();
      const saving = slow.keeping.save();
      await quick.model.caughtUp();
      expect(await quick.keeping.save()).toBe(true);
      gate.open();
      expect(await saving).toBe(false);
      expect(await keptIn(opened.store)).toBe(2);
      await Promise.all([slow.model.close(), quick.model.close()]);
    }),
  );

  it(
    "passes over what is kept of a log that was longer, with a warning",
    virtually(async () => {
      const opened = await openWith(5);
      const { model, keeping } = await openKept(opened);
      await keeping.save();
      await model.close();
      const kept = await snapshotOf(opened.store);
      const shorter = await openWith(2);
      await shorter.store.write([kept]);
      const next = await openKept(shorter);
      expect(next.keeping.restored).toBe(false);
      expect(next.model.of("a-1")).toBe(2);
      await quiet();
      expect(warnings).toMatchObject([{ code: "corrupt-snapshot", message: expect.stringContaining("the log ends at 1") as string }]);
      await next.keeping.save();
      await next.model.close();
      const last = await openKept(shorter);
      expect(last.keeping.restored).toBe(true);
      await last.model.close();
    }),
  );

  it(
    "K9: is not mistaken about the log by input from elsewhere, whose positions are of another",
    virtually(async () => {
      const opened = await openWith(1);
      const { model, keeping } = await openKept(opened);
      const origin = { feed: "letters", version: null, position: 4_000 as never };
      await model.publish(new AmountDeposited({ accountId: "a-1", amount: 6 }), { origin });
      await keeping.save();
      await model.close();
      const next = await openKept(opened);
      expect(next.keeping.restored).toBe(true);
      expect(next.model.of("a-1")).toBe(7);
      expect(next.model.externalCheckpoints).toEqual([origin]);
      await next.model.close();
    }),
  );

  it(
    "of a model that cannot be captured warns once a distance, and not with each event",
    virtually(async () => {
      const opened = await openWith(0);
      const { model } = await openKept(opened, { everyEvents: 4 });
      await model.publish(new AmountDeposited({ accountId: "a-1", amount: 1 }));
      for (let round = 0; round < 8; round++) {
        await deposit(opened.accounts, "a-1");
        await model.caughtUp();
        await quiet();
      }
      expect(warnings).toHaveLength(2);
      expect(warnings[0]).toMatchObject({ code: "snapshot-not-written", cause: { code: "capture-refused" } });
      expect(model.handled).toBe(9);
      await model.close();
    }),
  );

  it(
    "that fails in the store is a warning, and is tried again a distance later",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const opened = await openWith(0, openBank(faults.store));
      const { model } = await openKept(opened, { everyEvents: 2 });
      faults.failWrites({ skip: 2, error: new Error("disk full") });
      for (let round = 0; round < 4; round++) {
        await deposit(opened.accounts, "a-1");
        await model.caughtUp();
        await quiet();
      }
      expect(warnings).toMatchObject([{ code: "snapshot-not-written", cause: new Error("disk full") }]);
      expect(await keptIn(opened.store)).toBe(3);
      await model.close();
    }),
  );

  it(
    "K5: in the background refuses no start, and happens when that is live",
    virtually(async () => {
      const opened = await openWith(0);
      const gate = new Gate();
      const model = new Totals(() => {
        // Somebody looks when the event is handled, and keeps the queue before the state can be captured.
        void model.read(() => gate.pass());
      });
      await openKept(opened, { everyEvents: 1 }, model);
      await deposit(opened.accounts, "a-1");
      await quiet();
      await model.start(opened.bank.aggregate(Account, "a-9"));
      gate.open();
      await model.live;
      await quiet();
      expect(warnings).toEqual([]);
      expect(await keptIn(opened.store)).toBe(0);
      await model.close();
    }),
  );

  it(
    "that is under way is waited for when the model closes, and what has not begun is given up",
    virtually(async () => {
      const opened = await openWith(0);
      const gate = new Gate();
      const writing = new Gate();
      let writes = 0;
      const store = new Proxy(opened.store, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (name !== "write") return typeof value === "function" ? value.bind(target) : value;
          return async (...args: Parameters<EventStore["write"]>) => {
            writes++;
            await writing.pass();
            return opened.store.write(...args);
          };
        },
      });
      const { model } = await openKept(
        { ...opened, store },
        { everyEvents: 1 },
        new Totals(({ amount }) => (amount === 13 ? gate.pass() : undefined)),
      );
      await deposit(opened.accounts, "a-1");
      await model.caughtUp();
      await quiet();
      expect(writes).toBe(1);
      const closing = model.close();
      expect(await isSettled(closing)).toBe(false);
      writing.open();
      await closing;
      expect(await keptIn(opened.store)).toBe(0);
      expect(warnings).toEqual([]);
    }),
  );

  it(
    "is asked for before anything is started, once, by a model that can give its state",
    virtually(async () => {
      const opened = await openWith(1);
      const options = { name: "totals", schemaVersion: 1 };
      const started = new Totals();
      await started.start(opened.bank.category(Account));
      await expect(started.keepSnapshots(opened.store, options)).rejects.toBeInstanceOf(InvalidArgument);
      await started.close();
      const twice = new Totals();
      const outcomes = await Promise.allSettled([twice.keepSnapshots(opened.store, options), twice.keepSnapshots(opened.store, options)]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      class Bare extends ReadModelBase {}
      await expect(new Bare().keepSnapshots(opened.store, options)).rejects.toBeInstanceOf(InvalidArgument);
      const closed = new Totals();
      await closed.close();
      await expect(closed.keepSnapshots(opened.store, options)).rejects.toBeInstanceOf(AlreadyClosed);
    }),
  );

  it(
    "may be asked for again where the store failed",
    virtually(async () => {
      const opened = await openWith(1);
      let isDown = true;
      const store = new Proxy(opened.store, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (name === "snapshot" && isDown) return () => Promise.reject(new Error("down"));
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      const model = new Totals();
      await expect(model.keepSnapshots(store, { name: "totals", schemaVersion: 1 })).rejects.toThrow("down");
      isDown = false;
      const { keeping } = await openKept({ ...opened, store }, {}, model);
      expect(await keeping.save()).toBe(true);
      await model.close();
    }),
  );

  it.each([
    ["no name", { name: " ", schemaVersion: 1 }],
    ["a name that is too long", { name: "n".repeat(501), schemaVersion: 1 }],
    ["no schema version", { name: "totals" }],
    ["schema version 0", { name: "totals", schemaVersion: 0 }],
    ["half an event", { name: "totals", schemaVersion: 1, everyEvents: 0.5 }],
    ["no events", { name: "totals", schemaVersion: 1, everyEvents: 0 }],
    ["no time", { name: "totals", schemaVersion: 1, everyMs: 0 }],
    ["an option that nobody knows", { name: "totals", schemaVersion: 1, every: 3 }],
    ["nothing", undefined],
  ])("refuses %s", async (_, options) => {
    await expect(new Totals().keepSnapshots(createInMemoryStore(), options as never)).rejects.toBeInstanceOf(InvalidArgument);
  });

  it("is refused by a store without snapshots, with the reason", async () => {
    const store = new Proxy(createInMemoryStore(), {
      get: (target, name) => (name === "gaps" ? { snapshots: "There is no room." } : (Reflect.get(target, name, target) as unknown)),
    });
    await expect(new Totals().keepSnapshots(store, { name: "totals", schemaVersion: 1 })).rejects.toMatchObject({ code: "not-supported" });
  });
});
