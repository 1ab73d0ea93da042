import {
  after,
  AlreadyClosed,
  CaptureRefused,
  compareCheckpoints,
  InvalidArgument,
  position,
  ReadModelBase,
  version,
  type ReadModelSnapshot,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank, refusalOf } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { deposit, openWith, STREAM, virtually } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

const CATEGORY = "category Account of banking";
const QUIET = { onFault: () => undefined };

async function liveOn(feed: Parameters<Totals["start"]>[0], totals = new Totals()): Promise<Totals> {
  await totals.start(feed);
  await totals.live;
  return totals;
}

/** A live model in the middle of its second event. */
async function openBusy() {
  const opened = await openWith(1);
  const gate = new Gate();
  const model = await liveOn(opened.bank.category(Account), new Totals((_, context) => (context.position === 1 ? gate.pass() : undefined)));
  await deposit(opened.accounts, "a-1");
  await quiet();
  return { ...opened, gate, model };
}

describe.each(everyStore)("a snapshot on $name", ({ open }) => {
  it("K2: of a model at rest is the fold of what its checkpoints name, and goes on as if nothing had been", async () => {
    const { bank, accounts } = await openWith(5, openBank(await open()));
    await using model = await liveOn(bank.category(Account));
    const snapshot = await model.capture();
    expect(snapshot).toEqual({
      state: [["a-1", 5]],
      checkpoints: [{ feed: CATEGORY, version: null, position: 4 }],
      external: [],
    });
    await deposit(accounts, "a-1", 10);
    await accounts.save(accountWith("a-2", 7));
    await model.caughtUp();
    await using restored = new Totals();
    restored.restore(JSON.parse(JSON.stringify(snapshot)) as ReadModelSnapshot);
    expect(restored.checkpoints).toEqual(snapshot.checkpoints);
    await restored.start(bank.category(Account), { mustExist: true });
    await restored.live;
    expect(restored.handled).toBe(2);
    expect(restored.takeSnapshot()).toEqual(model.takeSnapshot());
    expect(restored.checkpoints).toEqual(model.checkpoints);
  });

  it("K10: has each feed go on from its own place, by the name it was delivered on", async () => {
    const { bank, accounts } = await openWith(3, openBank(await open()));
    await accounts.save(accountWith("a-2", 100, 100));
    const feeds = [bank.aggregate(Account, "a-1"), bank.aggregate(Account, "a-2"), bank.category(Account)];
    await using model = new Totals();
    for (const feed of feeds) await model.start(feed);
    await model.live;
    const snapshot = await model.capture();
    expect(snapshot.checkpoints).toEqual([
      { feed: "Account a-1 of banking", version: 2, position: 2 },
      { feed: "Account a-2 of banking", version: 1, position: 4 },
      { feed: CATEGORY, version: null, position: 4 },
    ]);
    await deposit(accounts, "a-2", 1);
    await using restored = new Totals();
    restored.restore(snapshot);
    for (const feed of feeds.toReversed()) await restored.start(feed);
    await restored.live;
    expect(restored.handled).toBe(2);
    expect(restored.takeSnapshot()).toEqual([
      ["a-1", 6],
      ["a-2", 402],
    ]);
  });
});

describe("capturing a read model", () => {
  it(
    "K2: between two events waits for the handler that is at work",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      const gate = new Gate();
      await using model = await liveOn(
        bank.category(Account),
        new Totals((_, context) => (context.position === 1 ? gate.pass() : undefined)),
      );
      await accounts.save(accountWith("a-2", 5, 5));
      await isSettled(Promise.resolve());
      const capturing = model.capture();
      expect(await isSettled(capturing)).toBe(false);
      gate.open();
      expect(await capturing).toEqual({
        state: [
          ["a-1", 1],
          ["a-2", 5],
        ],
        checkpoints: [{ feed: CATEGORY, version: null, position: 1 }],
        external: [],
      });
      await model.caughtUp();
      expect(model.of("a-2")).toBe(10);
    }),
  );

  it(
    "K2: from the end on goes on behind that end, also where nothing has come since",
    virtually(async () => {
      const { bank, accounts } = await openWith(3);
      for (const feed of [bank.category(Account), bank.aggregate(Account, "a-1"), bank.all(), bank.eventType(AmountDeposited)]) {
        await using model = new Totals();
        await model.start(feed, { from: "end" });
        await model.live;
        await using restored = new Totals();
        restored.restore(await model.capture());
        await deposit(accounts, "a-1", 5);
        await restored.start(feed);
        await restored.live;
        expect(restored.handled).toBe(1);
      }
    }),
  );

  it(
    "K4: again gives one that lies behind the one before, and equal ones while nothing happens",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      await using model = await liveOn(bank.category(Account));
      const snapshots: ReadModelSnapshot[] = [];
      for (let round = 0; round < 3; round++) {
        snapshots.push(await model.capture());
        await deposit(accounts, "a-1");
        await model.caughtUp();
      }
      expect(model.handled).toBe(4);
      const [first, second, third] = snapshots.map(({ checkpoints }) => checkpoints);
      expect(compareCheckpoints(first, second)).toBe("before");
      expect(compareCheckpoints(third, second)).toBe("after");
      expect(compareCheckpoints(model.checkpoints, (await model.capture()).checkpoints)).toBe("equal");
    }),
  );

  it(
    "K4: gives a copy, which later events leave alone",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      const shared: string[] = [];
      class Shares extends ReadModelBase {
        constructor() {
          super();
          this.on(AmountDeposited, ({ accountId }) => shared.push(accountId));
        }
        takeSnapshot = (): readonly string[] => shared;
        restoreFromSnapshot = (state: readonly string[]): void => void shared.push(...state);
      }
      await using model = new Shares();
      await model.start(bank.category(Account));
      await model.live;
      const { state } = await model.capture();
      await deposit(accounts, "a-1");
      await model.caughtUp();
      expect(shared).toHaveLength(2);
      expect(state).toEqual(["a-1"]);
    }),
  );

  it(
    "K5: is refused at once while the history is handled, and may be tried again",
    virtually(async () => {
      const { bank } = await openWith(2);
      const gate = new Gate();
      await using model = new Totals(() => gate.pass());
      await model.start(bank.category(Account));
      const refusal = refusalOf(() => model.capture());
      expect(refusal).toBeInstanceOf(CaptureRefused);
      expect(refusal).toMatchObject({ code: "capture-refused", retryable: true });
      gate.open();
      await model.live;
      expect((await model.capture()).state).toEqual([["a-1", 2]]);
    }),
  );

  it(
    "K5: refuses a start meanwhile, which leaves no trace",
    virtually(async () => {
      const { bank, gate, model } = await openBusy();
      const capturing = model.capture();
      await expect(model.start(bank.all())).rejects.toMatchObject({ code: "capture-refused", retryable: true });
      expect(model.health).toHaveLength(1);
      gate.open();
      expect((await capturing).checkpoints).toHaveLength(1);
      await model.start(bank.all());
      await model.live;
      expect(model.checkpoints).toHaveLength(2);
      await model.close();
    }),
  );

  it(
    "K5: is refused when a handler has failed, with why",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      const failure = new Error("no");
      await using model = new Totals(({ amount }) => {
        if (amount === 13) throw failure;
      });
      await model.start(bank.category(Account), QUIET);
      await model.live;
      await deposit(accounts, "a-1", 13);
      await isSettled(Promise.resolve());
      expect(refusalOf(() => model.capture())).toMatchObject({
        code: "capture-refused",
        retryable: false,
        cause: { code: "feed-faulted", cause: failure },
      });
    }),
  );

  it(
    "K5: that waits is refused when the handler before it fails",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      const gate = new Gate();
      await using model = new Totals(async ({ amount }) => {
        if (amount !== 13) return;
        await gate.pass();
        throw new Error("no");
      });
      await model.start(bank.category(Account), QUIET);
      await model.live;
      await deposit(accounts, "a-1", 13);
      await isSettled(Promise.resolve());
      const capturing = model.capture();
      gate.open();
      await expect(capturing).rejects.toBeInstanceOf(CaptureRefused);
    }),
  );

  it(
    "K7: ends when the model is closed meanwhile, and is refused afterwards, not left pending",
    virtually(async () => {
      const { gate, model } = await openBusy();
      const pending = model.capture();
      const closing = model.close();
      await expect(pending).rejects.toBeInstanceOf(AlreadyClosed);
      await expect(model.capture()).rejects.toBeInstanceOf(AlreadyClosed);
      gate.open();
      await closing;
      await expect(model.capture()).rejects.toBeInstanceOf(AlreadyClosed);
      expect(() => model.restore({ state: [], checkpoints: [], external: [] })).toThrow(AlreadyClosed);
    }),
  );

  it(
    "is refused where the model cannot give its state, or gives none of JSON",
    virtually(async () => {
      class Bare extends ReadModelBase {}
      expect(refusalOf(() => new Bare().capture())).toBeInstanceOf(InvalidArgument);
      class Odd extends Totals {
        override takeSnapshot(): never {
          return new Map([[1, 1n]]) as never;
        }
      }
      await expect(new Odd().capture()).rejects.toMatchObject({ code: "not-serializable" });
      class Late extends Totals {
        override takeSnapshot(): never {
          return Promise.resolve([]) as never;
        }
      }
      await expect(new Late().capture()).rejects.toMatchObject({ code: "not-serializable" });
      class Failing extends Totals {
        override takeSnapshot(): never {
          throw new Error("cannot tell");
        }
      }
      await expect(new Failing().capture()).rejects.toThrow("cannot tell");
    }),
  );
});

describe("restoring a read model", () => {
  const snapshot: ReadModelSnapshot = {
    state: [["a-1", 5]],
    checkpoints: [{ feed: CATEGORY, version: null, position: position(2) }],
    external: [],
  };

  it(
    "J7: goes on behind the checkpoint, unless it is told from where",
    virtually(async () => {
      const { bank } = await openWith(9);
      for (const [options, handled] of [
        [{}, 6],
        [{ from: "start" }, 9],
        [{ from: after(position(7)) }, 1],
        [{ from: "end" }, 0],
      ] as const) {
        await using model = new Totals();
        model.restore(snapshot);
        await model.start(bank.category(Account), options);
        await model.live;
        expect(model.handled).toBe(handled);
      }
    }),
  );

  it(
    "J10: keeps the checkpoint where the start fails, for the next",
    virtually(async () => {
      const { bank, store } = await openWith(9);
      await using model = new Totals();
      model.restore({
        ...snapshot,
        checkpoints: [{ feed: "Account a-2 of banking", version: version(0), position: null }, ...snapshot.checkpoints],
      });
      await expect(model.start(bank.aggregate(Account, "a-2"), { mustExist: true })).rejects.toMatchObject({ code: "feed-not-found" });
      expect(model.checkpoints).toHaveLength(2);
      await store.close();
      await expect(model.start(bank.category(Account))).rejects.toBeInstanceOf(AlreadyClosed);
      expect(
        compareCheckpoints(model.checkpoints, [
          { feed: "Account a-2 of banking", version: version(0), position: null },
          ...snapshot.checkpoints,
        ]),
      ).toBe("equal");
      expect(model.checkpoints).toHaveLength(2);
    }),
  );

  it(
    "behind a place that the log has not reached has the start fail",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using model = new Totals();
      model.restore(snapshot);
      await expect(model.start(bank.category(Account))).rejects.toMatchObject({ code: "ahead-of-log" });
    }),
  );

  it(
    "is refused when something was started, restored or fed before",
    virtually(async () => {
      const { bank } = await openWith(1);
      const started = await liveOn(bank.category(Account));
      const restored = new Totals();
      restored.restore(snapshot);
      const fed = new Totals();
      await fed.feed("a-1", 1);
      const published = new Totals();
      await published.publish(new AmountDeposited({ accountId: "a-1", amount: 1 }));
      const told = new Totals();
      told.recordExternal({ feed: "elsewhere", version: null, position: position(1) });
      for (const model of [started, restored, fed, published, told]) {
        expect(() => model.restore(snapshot)).toThrow(InvalidArgument);
        await model.close();
      }
    }),
  );

  it.each([
    ["nothing", undefined],
    ["no state", { checkpoints: [], external: [] }],
    ["no checkpoints", { state: [], external: [] }],
    ["a checkpoint that is none", { state: [], checkpoints: [{ feed: "", version: null, position: null }], external: [] }],
    ["an external checkpoint that is none", { state: [], checkpoints: [], external: [{ feed: "x", version: -1, position: null }] }],
    ["a checkpoint that is no object", { state: [], checkpoints: [null], external: [] }],
    ["external that is no list", { state: [], checkpoints: [], external: {} }],
  ])("refuses %s, and can be tried again", (_, broken) => {
    const model = new Totals();
    expect(() => model.restore(broken as never)).toThrow(InvalidArgument);
    model.restore(snapshot);
    expect(model.of("a-1")).toBe(5);
  });

  it(
    "that fails half way leaves a model that is good for nothing",
    virtually(async () => {
      const { bank } = await openWith(3);
      await using model = new Totals();
      model.onRestore = () => {
        throw new Error("half");
      };
      expect(() => model.restore(snapshot)).toThrow("half");
      expect(refusalOf(() => model.capture())).toMatchObject({ code: "capture-refused", cause: new Error("half") });
      await expect(model.read(() => 1)).rejects.toThrow("half");
      expect(() => model.restore(snapshot)).toThrow(InvalidArgument);
      await model.start(bank.category(Account));
      await model.live;
    }),
  );

  it(
    "is done at once: what takes the state over later is refused, whether it fails or not",
    virtually(async () => {
      for (const later of [Promise.resolve(), Promise.reject(new Error("later"))]) {
        const model = new Totals();
        model.onRestore = () => later;
        expect(() => model.restore(snapshot)).toThrow("at once");
        expect(refusalOf(() => model.capture())).toBeInstanceOf(CaptureRefused);
      }
      await isSettled(Promise.resolve());
    }),
  );

  it("leaves the snapshot alone that it was given", () => {
    const state: [string, number][] = [["a-1", 5]];
    const model = new Totals();
    model.restore({ state, checkpoints: [], external: [] });
    model.add("a-1", 1);
    expect(state).toEqual([["a-1", 5]]);
  });

  it(
    "K2: of a feed that is started twice has both go on",
    virtually(async () => {
      const { bank, accounts } = await openWith(2);
      await using model = new Totals();
      await Promise.all([model.start(bank.category(Account)), model.start(bank.category(Account))]);
      await model.live;
      const twice = await model.capture();
      expect(twice.checkpoints).toHaveLength(2);
      await deposit(accounts, "a-1");
      await using restored = new Totals();
      restored.restore(twice);
      await restored.start(bank.category(Account));
      await restored.start(bank.category(Account));
      await restored.live;
      expect(restored.takeSnapshot()).toEqual([["a-1", 6]]);
    }),
  );

  it(
    "knows what it handled of a stream that was deleted and written again",
    virtually(async () => {
      const { bank, accounts, store } = await openWith(2);
      await using model = await liveOn(bank.aggregate(Account, "a-1"));
      const kept = await model.capture();
      await store.write([{ kind: "delete", stream: STREAM, expectedVersion: "exists" }]);
      await accounts.save(accountWith("a-1", 40));
      await using restored = new Totals();
      restored.restore(kept);
      await restored.start(bank.aggregate(Account, "a-1"));
      await restored.live;
      expect(restored.of("a-1")).toBe(42);
    }),
  );
});
