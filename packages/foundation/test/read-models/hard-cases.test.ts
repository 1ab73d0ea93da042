import {
  after,
  caughtUp,
  connect,
  createInMemoryStore,
  createListener,
  createReader,
  position,
  readModelAsOf,
  shareFeed,
  version,
  type EventStore,
  type Position,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, banking, openBank } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { watchProcess } from "../process-notices.ts";
import { deposit, noted, openWith, virtually } from "../listeners/noted.ts";
import { Journal } from "./journal.ts";
import { Totals } from "./totals.ts";

const warnings = watchProcess();

describe("a look that does not end", () => {
  it(
    "is told after its time, and what is handled behind it is not held up any longer",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(1);
      await using model = new Totals();
      await model.start(bank.category(Account));
      await model.live;
      const look = new Gate();
      const reading = model.read(() => look.pass(), { timeoutMs: 200 });
      await deposit(accounts, "a-1");
      await quiet();
      expect(model.health).toMatchObject([{ isHeld: true, handledUpTo: 0 }]);
      const refused = reading.catch((error: unknown) => error);
      await clock.advanceBy(200);
      expect(await refused).toMatchObject({ code: "read-model-busy", details: { busyWith: "this reader itself" } });
      await model.caughtUp();
      expect(model.health).toMatchObject([{ isHeld: false, handledUpTo: 1 }]);
      look.open();
      await quiet();
    }),
  );

  it("whose signal aborts lets go at once, and fails later without being heard", async () => {
    await using model = new Totals();
    const [look, abort] = [new Gate(), new AbortController()];
    const reading = model.read(
      async () => {
        await look.pass();
        throw new Error("too late");
      },
      { signal: abort.signal },
    );
    await quiet();
    abort.abort(new Error("no longer wanted"));
    await expect(reading).rejects.toThrow("no longer wanted");
    expect(await model.read(() => 7)).toBe(7);
    look.open();
    await quiet();
  });
});

describe("a model that many look at", () => {
  it("handles several events between two looks, where its handlers answer at once", async () => {
    const { bank } = await openWith(320);
    await using model = new Totals();
    const stopped = new AbortController();
    let looks = 0;
    const client = async (): Promise<void> => {
      while (!stopped.signal.aborted) looks += await model.read(() => 1);
    };
    await model.start(bank.category(Account));
    const clients = [client(), client()];
    await model.live;
    stopped.abort();
    await Promise.all(clients);
    expect(looks).toBeLessThan(100);
    expect(model.handled).toBe(320);
  });

  it("refuses to be read once it is closed", async () => {
    const model = new Totals();
    await model.close();
    await expect(model.read(() => 7)).rejects.toMatchObject({ code: "already-closed" });
  });
});

describe("a checkpoint ahead of its stream", () => {
  it.each([
    ["a version", after(version(9))],
    ["a checkpoint by version", { feed: "Account a-1 of banking", version: version(9), position: position(9) }],
    ["a checkpoint by position", { feed: "Account a-1 of banking", version: null, position: position(9) }],
  ])("K10: is refused, as events would be passed over: %s", async (_, from) => {
    const { bank } = await openWith(5);
    await using model = new Totals();
    await expect(model.start(bank.aggregate(Account, "a-1"), { from })).rejects.toMatchObject({ code: "ahead-of-log" });
  });
});

describe("one signal for a whole program", () => {
  it("is listened to once, and ends all that it was given to", async () => {
    const { bank } = await openWith(1);
    const abort = new AbortController();
    const { signal } = abort;
    const models = Array.from({ length: 20 }, () => new Totals());
    for (const model of models) await model.start(bank.category(Account), { signal, onFault: () => undefined });
    const waits = models.map((model) => model.caughtUpTo(position(7), { signal }).catch((error: unknown) => error));
    await quiet();
    expect(warnings).toEqual([]);
    abort.abort(new Error("the end"));
    expect(await Promise.all(waits)).toHaveLength(20);
    await quiet();
    expect(models.map(({ health }) => health[0]?.status)).toEqual(models.map(() => "faulted"));
  });

  it("that is aborted already refuses a past, and nothing is left that fails unheard", async () => {
    const { bank } = await openWith(1);
    const past = readModelAsOf(new Totals(), bank.all(), { position: position(0) }, { signal: AbortSignal.abort(new Error("the end")) });
    await expect(past).rejects.toThrow("the end");
  });
});

describe("options of a start that are none", () => {
  it.each([{ form: "end" }, null, { signal: "x" }, { mustExist: "no" }])("are refused: %j", async (options) => {
    const { bank } = await openWith(1);
    await using model = new Totals();
    await expect(model.start(bank.all(), options as never)).rejects.toMatchObject({ code: "invalid-argument" });
    expect(model.health).toEqual([]);
  });
});

describe("those who wait for positions", () => {
  it(
    "go on each at its own, in whatever order they came, and those who gave up are forgotten",
    virtually(async ({ clock }) => {
      const { bank, accounts } = openBank();
      const gates = Array.from({ length: 40 }, () => new Gate());
      const model = new Totals((_, context) => gates[context.position]?.pass());
      await model.start(bank.category(Account));
      await accounts.save(accountWith("a-1", ...gates.map(() => 1)));
      const order = gates.map((_, index) => (index * 17) % gates.length);
      const reached: number[] = [];
      const waits = order.map(async (place) => {
        const timeoutMs = place % 4 === 3 ? 100 : 10_000;
        await model.caughtUpTo(position(place), { timeoutMs });
        reached.push(place);
      });
      const settled = Promise.allSettled(waits);
      await quiet();
      await clock.advanceBy(100);
      for (const gate of gates) {
        gate.open();
        await quiet();
      }
      const outcomes = await settled;
      const inTime = gates.map((_, index) => index).filter((place) => place % 4 !== 3);
      expect(reached).toEqual(inTime);
      expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(10);
      await model.close();
    }),
  );

  it("are refused for what is no position, and no time", async () => {
    const { bank } = await openWith(1);
    await using model = new Totals();
    await using listener = createListener(bank.all());
    await Promise.all([model.start(bank.all()), listener.start()]);
    for (const wrong of [null, undefined, Number.NaN, -1, {}]) {
      await expect(model.caughtUpTo(wrong as Position)).rejects.toMatchObject({ code: "invalid-argument" });
      await expect(listener.caughtUpTo(wrong as Position)).rejects.toMatchObject({ code: "invalid-argument" });
    }
    await expect(model.caughtUpTo(position(0), { timeoutMs: "5" as never })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("what is thrown and cannot be looked at", () => {
  const traps = {
    get: () => {
      throw new Error("no looking");
    },
    getPrototypeOf: () => {
      throw new Error("no looking");
    },
  };
  class Unspeakable extends Error {
    override get message(): string {
      throw new Error("no words");
    }
  }

  it.each([
    ["a proxy", (): unknown => new Proxy({}, traps)],
    ["an error without words", (): unknown => new Unspeakable()],
    ["a symbol", (): unknown => Symbol("odd")],
  ])("stops its feed like any other: %s", async (_, thrown) => {
    const { bank } = await openWith(1);
    const told: unknown[] = [];
    await using model = new Totals(() => {
      throw thrown();
    });
    await model.start(bank.category(Account), { onFault: (fault) => told.push(fault) });
    await expect(model.live).rejects.toMatchObject({ code: "feed-faulted" });
    expect(told).toHaveLength(1);
    expect(model.health).toMatchObject([{ status: "faulted" }]);
  });

  it("E5: is told though it comes when closing waits for it", async () => {
    const { bank } = await openWith(1);
    const gate = new Gate();
    const model = new Totals(async () => {
      await gate.pass();
      throw new Error("at last");
    });
    await model.start(bank.category(Account));
    await quiet();
    const closing = model.close();
    gate.open();
    await closing;
    await quiet();
    expect(warnings).toMatchObject([{ code: "feed-faulted", cause: new Error("at last") }]);
  });
});

describe("a state that is kept", () => {
  const kept = { name: "totals", schemaVersion: 1, everyEvents: 1_000 };

  it("is kept when the model closes, where that is wanted and there is something new", async () => {
    const { bank, accounts, store } = await openWith(3);
    const first = new Totals();
    await first.keepSnapshots(store, { ...kept, onClose: true });
    await first.start(bank.category(Account));
    await first.live;
    await Promise.all([first.close(), first.close()]);
    expect((await store.snapshot("read-model.totals"))?.version).toBe(2);
    await deposit(accounts, "a-1");
    const next = new Totals();
    expect((await next.keepSnapshots(store, kept)).restored).toBe(true);
    await next.start(bank.category(Account));
    await next.live;
    expect([next.handled, next.of("a-1")]).toEqual([1, 4]);
    await next.close();
    expect((await store.snapshot("read-model.totals"))?.version).toBe(2);
  });

  it("is not written again where nothing has changed", async () => {
    const { bank, store } = await openWith(3);
    let writes = 0;
    const counting: EventStore = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        if (name === "write") writes++;
        return value.bind(target);
      },
    });
    await using model = new Totals();
    const keeping = await model.keepSnapshots(counting, kept);
    await model.start(bank.category(Account));
    await model.live;
    expect([await keeping.save(), await keeping.save()]).toEqual([true, true]);
    expect(writes).toBe(1);
  });

  it("may lie in another store than the events, whose log is named", async () => {
    const { bank, store } = await openWith(3);
    await using elsewhere = createInMemoryStore();
    const first = new Totals();
    const keeping = await first.keepSnapshots(elsewhere, { ...kept, log: store });
    await first.start(bank.category(Account));
    await first.live;
    await keeping.save();
    await first.close();
    await using next = new Totals();
    expect((await next.keepSnapshots(elsewhere, { ...kept, log: store })).restored).toBe(true);
    expect(next.of("a-1")).toBe(3);
    expect(warnings).toEqual([]);
  });

  it("K5: is not captured where checkpoints of two stores could not be told apart", async () => {
    const [one, other] = [await openWith(1), await openWith(2, openBank(createInMemoryStore()))];
    await using model = new Totals();
    await model.start(one.bank.category(Account));
    await model.start(connect(banking, other.store).category(Account));
    await model.live;
    expect(() => model.capture()).toThrow("from different stores");
  });

  it("K2: is refused when it is no data, before anything is taken over", () => {
    const model = new Totals();
    const nothing = { checkpoints: [], external: [] };
    expect(() => model.restore({ ...nothing, state: undefined as never })).toThrow("must be JSON data");
    model.restore({ ...nothing, state: [["a-1", 7]] });
    expect(model.of("a-1")).toBe(7);
  });
});

describe("what was not started, or not for long", () => {
  it("J12: a listener that was closed before its start holds nobody back", async () => {
    const { bank } = await openWith(1);
    const listener = createListener(bank.all());
    await expect(listener.caughtUp()).rejects.toMatchObject({ code: "not-started" });
    await listener.close();
    expect(listener.health).toMatchObject({ status: "closed" });
    await caughtUp([listener]);
  });

  it("J13: only a function is armed for going live", () => {
    expect(() => new Totals().onceLive(undefined as never)).toThrow("handler must be a function");
  });

  it("I4: a reader that is stopped right after it was asked handles nothing, and reads again when it is asked again", async () => {
    const { bank } = await openWith(3);
    const reader = createReader(bank.category(Account));
    const entries = noted(reader);
    const [first, second] = [reader.read(), reader.read()];
    reader.stop();
    expect(await Promise.all([first, second])).toMatchObject([{ ending: "stopped" }, { events: 0, ending: "stopped" }]);
    expect(entries).toEqual([]);
    expect(await reader.read()).toEqual({ events: 3, ending: "end" });
  });

  it("a past that hangs in a handler ends with its signal", async () => {
    const { bank } = await openWith(1);
    const [gate, abort] = [new Gate(), new AbortController()];
    const past = readModelAsOf(new Totals(() => gate.pass()), bank.all(), { position: position(0) }, { signal: abort.signal });
    expect(await isSettled(past)).toBe(false);
    abort.abort(new Error("no longer wanted"));
    await expect(past).rejects.toThrow("no longer wanted");
    gate.open();
  });
});

describe("a shared feed of which a model is refused", () => {
  it("L4: starts none of them, and they may take part in another", async () => {
    const { bank } = await openWith(2);
    const feed = bank.category(Account);
    const [closed, open] = [new Journal(), new Journal()];
    await closed.close();
    const refused = shareFeed(feed);
    for (const model of [closed, open]) refused.attach(model, { onFault: () => undefined });
    await expect(refused.start()).rejects.toMatchObject({ code: "already-closed" });
    expect(refused.health).toMatchObject({ status: "faulted", error: { code: "already-closed" } });
    expect(open.entries).toEqual([]);
    const shared = shareFeed(feed);
    shared.attach(open);
    await shared.start();
    await open.live;
    expect(open.entries).toHaveLength(2);
    expect(open.health).toMatchObject([{ status: "live" }]);
  });

  it("is over where there is none, and takes each model once", async () => {
    const { bank } = await openWith(1);
    const shared = shareFeed(bank.category(Account));
    await shared.start();
    expect(shared.health.status).toBe("closed");
    const twice = shareFeed(bank.category(Account));
    const model = new Journal();
    twice.attach(model);
    expect(() => twice.attach(model)).toThrow("not attached yet");
  });
});
