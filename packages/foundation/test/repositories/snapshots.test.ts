import {
  AggregateRoot,
  boundedContext,
  CommandAlreadyApplied,
  connect,
  createAggregateCache,
  createInMemoryStore,
  version,
  type EventStore,
  type NewSnapshot,
} from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { createTestRuntime } from "@reactive-domain/testing";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { refusalOf } from "../banking.ts";
import { withWrite } from "../fault-store.ts";
import { beginToTell, connectOtherTallies, connectTallies, Count, OtherTally, sums, Tally, told } from "./tallies.ts";

const STREAM = "tallies.tally-1";

/** A tally with so many counts of 1, written one by one, and its snapshots. */
async function openWith(store: EventStore, counts: number) {
  const context = connectTallies(store);
  const tallies = context.repository(Tally);
  const tally = new Tally("1");
  for (let count = 0; count < counts; count++) {
    tally.count(1);
    await tallies.save(tally);
    await context.idle();
  }
  beginToTell();
  return { store, context, tallies, correlated: context.correlatedRepository(Tally) };
}

function warnings(): readonly Error[] {
  const seen: Error[] = [];
  const spy = vi.spyOn(process, "emitWarning").mockImplementation((warning) => void seen.push(warning as Error));
  onTestFinished(() => spy.mockRestore());
  return seen;
}

/** Makes the tally again, and tells its sum when no snapshot is being written any more. */
async function countAnew(context: ReturnType<typeof connectTallies>, by: number): Promise<number> {
  const again = new Tally("1");
  again.count(by);
  await context.repository(Tally).save(again);
  await context.idle();
  return (await context.repository(Tally).getById("1")).sum;
}

/** Holds up who passes until it is opened, and tells when somebody has come. */
function gateOf() {
  const gate = { open: (): void => {}, come: (): void => {} };
  const opened = new Promise<void>((resolve) => void (gate.open = resolve));
  const reached = new Promise<void>((resolve) => void (gate.come = resolve));
  const pass = (): Promise<void> => {
    gate.come();
    return opened;
  };
  return { reached, pass, open: () => gate.open() };
}

beforeEach(beginToTell);

describe.each(everyStore)("an aggregate with snapshots on $name", ({ open }) => {
  it("H17: is loaded from its snapshot and the events behind, to the state of a replay", async () => {
    const { store, tallies } = await openWith(await open(), 23);
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 19, schemaVersion: 2, contentType: "application/json" });
    const loaded = await tallies.getById("1");
    expect(loaded).toMatchObject({ sum: 23, expectedVersion: 22, pendingEvents: [] });
    expect(told).toMatchObject({ restored: 1, folded: 3 });
    loaded.count(7);
    await tallies.save(loaded);
    expect((await tallies.getById("1")).sum).toBe(30);
  });

  it("H17: is loaded from a snapshot with nothing behind it", async () => {
    const { tallies } = await openWith(await open(), 20);
    expect(await tallies.getById("1")).toMatchObject({ sum: 20, expectedVersion: 19 });
    expect(told).toMatchObject({ restored: 1, folded: 0 });
  });

  it("has its child entities in them", async () => {
    const { context, tallies } = await openWith(await open(), 0);
    const tally = new Tally("1");
    tally.addShelf("a", 3);
    tally.addShelf("b", 4);
    tally.count(1, 10);
    await tallies.save(tally);
    await context.idle();
    beginToTell();
    const loaded = await tallies.getById("1");
    expect(told).toMatchObject({ restored: 1, folded: 0 });
    expect(loaded.shelves).toEqual([3, 4]);
    loaded.addShelf("c", 5);
    await tallies.save(loaded);
    expect((await tallies.getById("1")).shelves).toEqual([3, 4, 5]);
  });

  it("H17: without a snapshot, or with one of an older schema, is replayed, and one is written", async () => {
    const { store, context, tallies } = await openWith(await open(), 8);
    expect(await store.snapshot(STREAM)).toBeUndefined();
    await tallies.update("1", (tally) => tally.count(1, 5));
    await context.idle();
    await store.write([{ kind: "snapshot", ...(await aSnapshot(store)), schemaVersion: 1 }]);
    beginToTell();
    expect((await tallies.getById("1")).sum).toBe(13);
    expect(told).toMatchObject({ restored: 0, folded: 13 });
    await context.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 12, schemaVersion: 2 });
  });

  it.each<[string, Partial<NewSnapshot>]>([
    ["whose hash does not fit", { hash: "0".repeat(64) }],
    ["whose data was changed", { data: '{"sum":1000,"shelves":[]}' }],
    ["that is no JSON", { data: "{" }],
    ["of another content type", { contentType: "text/plain" }],
    ["whose version was changed", { version: 15 }],
  ])("H17: is replayed where there is a snapshot %s, with a warning, and it is replaced", async (_, changes) => {
    const seen = warnings();
    const { store, context, tallies } = await openWith(await open(), 23);
    const before = await store.snapshot(STREAM);
    if (changes.version !== undefined) await store.write([{ kind: "snapshot", ...(await aSnapshot(store)), schemaVersion: 1 }]);
    const { time: _time, ...kept } = before as NonNullable<typeof before>;
    await store.write([{ kind: "snapshot", ...kept, ...changes }]);
    const loaded = await tallies.getById("1");
    expect(loaded).toMatchObject({ sum: 23, expectedVersion: 22 });
    expect(told.folded).toBe(23);
    expect(seen).toMatchObject([{ code: "corrupt-snapshot", details: { stream: STREAM } }]);
    await context.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 22, schemaVersion: 2 });
    expect((await tallies.getById("1")).sum).toBe(23);
    expect(told.folded).toBe(23);
  });

  it("H17: is replayed where restoreFromSnapshot throws", async () => {
    const seen = warnings();
    const { tallies } = await openWith(await open(), 23);
    told.refuses = true;
    expect((await tallies.getById("1")).sum).toBe(23);
    expect(seen).toMatchObject([{ code: "corrupt-snapshot", message: expect.stringContaining("It is not what it was.") as string }]);
  });

  it("H17: of a newer schema is replayed by an older program, which leaves it where it is", async () => {
    const { store, context, tallies } = await openWith(await open(), 12);
    const newer = connectOtherTallies(store);
    await newer.repository(OtherTally).update("1", (tally) => tally.count(1));
    await newer.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 12, schemaVersion: 3 });
    beginToTell();
    expect((await tallies.getById("1")).sum).toBe(13);
    expect(told).toMatchObject({ restored: 0, folded: 13 });
    await context.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 12, schemaVersion: 3 });
  });

  it("H17: as of an older version is not loaded from a newer snapshot, and writes none", async () => {
    const { store, context, tallies } = await openWith(await open(), 23);
    expect(await tallies.getById("1", { asOf: { version: version(14) } })).toMatchObject({ sum: 15, expectedVersion: 14 });
    expect(told.folded).toBe(15);
    expect(await tallies.getById("1", { asOf: { version: version(19) } })).toMatchObject({ sum: 20 });
    expect(await tallies.getById("1", { asOf: { version: version(21) } })).toMatchObject({ sum: 22 });
    expect(await tallies.getById("1", { asOf: { time: new Date(Date.now() + 60_000) } })).toMatchObject({ sum: 23 });
    await context.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 19 });
    expect(told.taken).toBe(0);
  });

  it("is not taken from a state that has what is not saved", async () => {
    const { store, context, tallies } = await openWith(await open(), 9);
    const tally = await tallies.getById("1");
    tally.count(1);
    await tallies.save(tally);
    tally.count(100);
    await context.idle();
    expect(told.taken).toBe(0);
    expect(await store.snapshot(STREAM)).toBeUndefined();
    await tallies.save(tally);
    await context.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 10 });
    expect((await tallies.getById("1")).sum).toBe(110);
  });

  it("H4: deleted and made again begins anew, whatever snapshot there was", async () => {
    const { context, tallies } = await openWith(await open(), 23);
    await tallies.delete(await tallies.getById("1"));
    expect(await tallies.tryGetById("1")).toBeUndefined();
    const again = new Tally("1");
    again.count(5);
    await tallies.save(again);
    await context.idle();
    expect((await tallies.getById("1")).sum).toBe(5);
  });

  it("H4: deleted and made again begins anew, though the snapshot is still being written", async () => {
    const { context, tallies } = await openWith(await open(), 0);
    for (let round = 1; round <= 5; round++) {
      const tally = new Tally("1");
      tally.count(1, 10);
      await tallies.save(tally);
      await tallies.delete(tally);
      expect(await countAnew(context, round)).toBe(round);
      await tallies.delete(await tallies.getById("1"));
    }
  });

  it.each(["the deletion", "what is written again"])("H4: begins anew, though a snapshot of before comes behind %s", async (behind) => {
    const gate = gateOf();
    const store = await open();
    const holding = withWrite(store, async (items, options) => {
      if (items.some(({ kind }) => kind === "snapshot")) await gate.pass();
      return store.write(items, options);
    });
    const context = connectTallies(holding);
    const tallies = context.repository(Tally);
    const tally = new Tally("1");
    tally.count(1, 10);
    await tallies.save(tally);
    await gate.reached;
    await connectTallies(store).repository(Tally).delete(tally);
    if (behind === "the deletion") {
      gate.open();
      await context.idle();
    }
    const again = new Tally("1");
    again.count(5);
    await tallies.save(again);
    gate.open();
    await context.idle();
    beginToTell();
    expect((await tallies.getById("1")).sum).toBe(5);
  });

  it("H4: made again has a snapshot of the version that the store tells", async () => {
    const { store, context, tallies } = await openWith(await open(), 3);
    await tallies.delete(await tallies.getById("1"));
    const again = new Tally("1");
    again.count(5, 10);
    await tallies.save(again);
    await context.idle();
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 12 });
    expect((await tallies.getById("1")).sum).toBe(50);
    again.count(5, 2);
    await tallies.save(again);
    beginToTell();
    expect((await tallies.getById("1")).sum).toBe(60);
    expect(told).toMatchObject({ restored: 1, folded: 2 });
  });

  it("says that a command was carried out before, though its events lie before the snapshot", async () => {
    const { context, correlated } = await openWith(await open(), 3);
    const [first, other] = [new Count({ tallyId: "1", by: 1 }), new Count({ tallyId: "1", by: 1 })];
    await correlated.update("1", first, (tally) => tally.count(1));
    await correlated.update("1", other, (tally) => tally.count(1, 20));
    await context.idle();
    beginToTell();
    await expect(correlated.getById("1", first)).rejects.toBeInstanceOf(CommandAlreadyApplied);
    await expect(correlated.getById("1", first)).rejects.toMatchObject({ version: 3 });
    beginToTell();
    expect((await correlated.getById("1", new Count({ tallyId: "1", by: 1 }))).sum).toBe(24);
    expect(told).toMatchObject({ restored: 1, folded: 0 });
  });

  it("H10: kept in a cache from a snapshot on, is caught up, and knows what it did not see", async () => {
    const { store, context, correlated } = await openWith(await open(), 3);
    const [early, late] = [new Count({ tallyId: "1", by: 1 }), new Count({ tallyId: "1", by: 1 })];
    await correlated.update("1", early, (tally) => tally.count(1));
    await correlated.update("1", late, (tally) => tally.count(1, 20));
    await context.idle();
    const cache = createAggregateCache();
    const cached = connectTallies(store).correlatedRepository(Tally, { cache });
    const use = async (): Promise<Tally> => {
      const tally = await cached.getById("1", new Count({ tallyId: "1", by: 1 }));
      tally.count(1);
      await cached.save(tally);
      return tally;
    };
    const held = await use();
    await correlated.update("1", new Count({ tallyId: "1", by: 1 }), (tally) => tally.count(1, 2));
    beginToTell();
    expect(await use()).toBe(held);
    expect(held.sum).toBe(28);
    expect(told.folded).toBe(3);
    await expect(cached.getById("1", early)).rejects.toBeInstanceOf(CommandAlreadyApplied);
    for (let round = 0; round < 4; round++) await cached.update("1", new Count({ tallyId: "1", by: 1 }), (tally) => tally.count(1));
    const again = cached.update("1", early, (tally) => tally.count(1, 2));
    await expect(again).rejects.toBeInstanceOf(CommandAlreadyApplied);
  });

  it("H10: one cache keeps the classes of two releases apart", async () => {
    const { store } = await openWith(await open(), 3);
    const cache = createAggregateCache();
    const [tallies, others] = [
      connectTallies(store).repository(Tally, { cache }),
      connectOtherTallies(store).repository(OtherTally, { cache }),
    ];
    await tallies.getById("1");
    expect(await others.getById("1")).toBeInstanceOf(OtherTally);
    expect((await tallies.getById("1")).constructor).toBe(Tally);
  });

  it("is not taken from what was decided otherwise the first time that its command was carried out", async () => {
    const { store, context, tallies, correlated } = await openWith(await open(), 1);
    const command = new Count({ tallyId: "1", by: 1 });
    const [one, other] = [await correlated.getById("1", command), await correlated.getById("1", command)];
    one.count(1, 5);
    await correlated.save(one);
    other.count(100, 5);
    told.wants = () => true;
    expect(await correlated.save(other)).toMatchObject({ repeated: true });
    await context.idle();
    expect(await store.snapshot(STREAM)).toBeUndefined();
    expect((await tallies.getById("1")).sum).toBe(6);
  });

  it("is not taken from it later either", async () => {
    const { store, context, tallies, correlated } = await openWith(await open(), 1);
    const command = new Count({ tallyId: "1", by: 1 });
    const [one, other] = [await correlated.getById("1", command), await correlated.getById("1", command)];
    one.count(1, 5);
    await correlated.saveAndContinue(one);
    other.count(100, 5);
    expect(await correlated.saveAndContinue(other)).toMatchObject({ repeated: true });
    other.count(1);
    told.wants = () => true;
    expect(await correlated.save(other)).toMatchObject({ repeated: false });
    await context.idle();
    expect(await store.snapshot(STREAM)).toBeUndefined();
    expect((await tallies.getById("1")).sum).toBe(7);
    await context.idle();
  });

  it("of a decider is its state", async () => {
    const { store, context } = await openWith(await open(), 0);
    const repository = context.deciderRepository(sums);
    for (let count = 0; count < 12; count++) {
      await repository.handle("1", new Count({ tallyId: "1", by: 2 }));
      await context.idle();
    }
    beginToTell();
    expect(await repository.stateOf("1")).toEqual({ sum: 24 });
    expect(told.folded).toBe(2);
    expect(await store.snapshot("tallies.sum-1")).toMatchObject({ data: '{"sum":20}', version: 9, schemaVersion: 1 });
  });
});

/** Any snapshot of the stream's name. */
async function aSnapshot(store: EventStore): Promise<NewSnapshot> {
  const known = await store.snapshot(STREAM);
  return { name: STREAM, version: 5, hash: "none", contentType: "text/plain", data: "none", ...known, schemaVersion: 1 };
}

describe("when a snapshot is written", () => {
  it.each([
    [{ schemaVersion: 1 }, 99, 100],
    [{ schemaVersion: 1, everyEvents: 3 }, 2, 3],
  ])("the policy %j says: not after %d events, and after %d", async (policy, few, enough) => {
    class Often extends Tally {
      static override readonly snapshots = policy;
    }
    const store = createInMemoryStore();
    const context = connect(boundedContext("tallies", { aggregates: [Often], events: connectTallies(store).context.events }), store);
    const tally = new Often("1");
    for (const count of [few, enough - few]) {
      expect(await store.snapshot(STREAM)).toBeUndefined();
      tally.count(1, count);
      await context.repository(Often).save(tally);
      await context.idle();
    }
    expect(await store.snapshot(STREAM)).toMatchObject({ version: enough - 1 });
  });

  it("a slow load says, where the policy has a limit for it", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      class Slow extends Tally {
        static override readonly snapshots = { schemaVersion: 1, slowerThanMs: 50 };
      }
      const store = createInMemoryStore();
      const { events } = connectTallies(store).context;
      let delayMs = 0;
      const context = connect(boundedContext("tallies", { aggregates: [Slow], events }), store);
      const tallies = connect(boundedContext("tallies", { aggregates: [Slow], events }), store, {
        serializer: {
          serialize: (event, facts) => context.serializer.serialize(event, facts),
          async deserialize(event) {
            await test.clock.advanceBy(delayMs);
            return context.serializer.deserialize(event);
          },
        },
      });
      const tally = new Slow("1");
      tally.count(1, 200);
      await tallies.repository(Slow).save(tally);
      await tallies.repository(Slow).getById("1");
      await tallies.idle();
      expect(await store.snapshot(STREAM)).toBeUndefined();
      delayMs = 1;
      for (let load = 0; load < 2; load++) {
        await tallies.repository(Slow).getById("1");
        await tallies.idle();
        expect(await store.snapshot(STREAM)).toMatchObject({ version: 199 });
        delayMs = 100;
      }
      expect(told.taken).toBe(1);
    });
  });

  it("the aggregate says by its own word", async () => {
    const { store, context, tallies } = await openWith(createInMemoryStore(), 0);
    const facts: unknown[] = [];
    told.wants = (given) => {
      facts.push(given);
      return given.events === 3;
    };
    const tally = new Tally("1");
    for (let count = 0; count < 4; count++) {
      tally.count(1);
      await tallies.save(tally);
      await context.idle();
    }
    expect(facts).toEqual([1, 2, 3, 1].map((events) => ({ events, loadMs: 0 })));
    expect(await store.snapshot(STREAM)).toMatchObject({ version: 2 });
  });

  it("nobody waits for it, and its failure is a warning that leaves the aggregate as it is", async () => {
    const seen = warnings();
    const store = createInMemoryStore();
    let putting = 0;
    const refusing = withWrite(store, async (items, options) => {
      if (items.some(({ kind }) => kind === "snapshot")) {
        putting++;
        throw new Error("No room.");
      }
      return store.write(items, options);
    });
    const context = connectTallies(refusing);
    const tally = new Tally("1");
    tally.count(1, 10);
    expect(await context.repository(Tally).save(tally)).toMatchObject({ events: 10 });
    expect(putting).toBe(0);
    await context.idle();
    expect(putting).toBe(1);
    expect(seen).toMatchObject([{ code: "snapshot-not-written", details: { stream: STREAM }, cause: { message: "No room." } }]);
    expect((await context.repository(Tally).getById("1")).sum).toBe(10);
    await context.idle();
  });

  it("a closed store is no trouble", async () => {
    const seen = warnings();
    const { store, context, tallies } = await openWith(createInMemoryStore(), 0);
    const tally = new Tally("1");
    tally.count(1, 10);
    await tallies.save(tally);
    await store.close();
    await context.idle();
    expect(seen).toEqual([]);
  });

  it("what is no JSON is not written, but warned of", async () => {
    const seen = warnings();
    class Broken extends Tally {
      override takeSnapshot(): never {
        return { sum: new Map() } as never;
      }
    }
    const store = createInMemoryStore();
    const context = connect(boundedContext("tallies", { aggregates: [Broken], events: connectTallies(store).context.events }), store);
    const tally = new Broken("1");
    tally.count(1, 10);
    await context.repository(Broken).save(tally);
    await context.idle();
    expect(seen).toMatchObject([
      { code: "snapshot-not-written", cause: { code: "not-serializable", message: expect.stringContaining("$.sum is ") as string } },
    ]);
    expect(await store.snapshot(STREAM)).toBeUndefined();
  });

  it.each([
    { schemaVersion: 0 },
    { schemaVersion: 1.5 },
    { schemaVersion: 1, everyEvents: 0 },
    { schemaVersion: 1, slowerThanMs: 0 },
    { schemaVersion: 1, slowerThanMs: Number.NaN },
    null as never,
  ])("refuses the policy %j", (policy) => {
    class Odd extends Tally {
      static override readonly snapshots = policy;
    }
    for (const odd of [Odd, { ...sums, snapshots: policy }]) {
      const context = boundedContext("tallies", { aggregates: [odd], events: [] });
      expect(refusalOf(() => connect(context, createInMemoryStore()))).toMatchObject({ code: "invalid-argument" });
    }
  });

  it("refuses a class that has a policy and no state to take", async () => {
    class Stateless extends AggregateRoot {
      static readonly type = "Stateless";
      static readonly snapshots = { schemaVersion: 1, everyEvents: 1 };
    }
    const context = boundedContext("tallies", { aggregates: [Stateless], events: [] });
    expect(refusalOf(() => connect(context, createInMemoryStore()))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("takeSnapshot and restoreFromSnapshot") as string,
    });
  });
});
