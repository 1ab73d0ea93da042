import {
  after,
  createInMemoryStore,
  InvalidArgument,
  position,
  StoreUnavailable,
  version,
  type EventStore,
  type NewEvent,
  type WriteItem,
} from "@reactive-domain/foundation";
import { createTestRuntime, fixedId, injectFaults, type WriteFault } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";

let ids = 0;
const event = (): NewEvent => ({
  id: fixedId(++ids),
  type: "Noted",
  schemaVersion: 1,
  contentType: "application/json",
  data: "{}",
  metadata: "{}",
});
const append = (stream: string): WriteItem => ({ kind: "append", stream, expectedVersion: "any", events: [event()] });

/** A store with one plan for each fault, and the real one. */
function open(...planned: readonly WriteFault[]) {
  const real = createInMemoryStore();
  const faults = injectFaults(real);
  for (const fault of planned) faults.failWrites(fault);
  return { real, faults, store: faults.store };
}

async function countIn(store: EventStore, stream?: string): Promise<number> {
  const events = [];
  for await (const one of store.read(stream === undefined ? { all: true } : { stream })) events.push(one);
  return events.length;
}

/** Writes to a stream some times, and tells which of the writes went well. */
async function outcomes(store: EventStore, ...streams: readonly string[]): Promise<string> {
  let shown = "";
  for (const stream of streams) {
    shown += await store.write([append(stream)]).then(
      () => "+",
      () => "-",
    );
  }
  return shown;
}

describe("a planned fault", () => {
  it("fails a write before anything is written", async () => {
    const { store, real, faults } = open({});
    await expect(store.write([append("a-1"), append("a-2")])).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
      message: "The store fails as planned; nothing was written.",
    });
    expect(await countIn(real)).toBe(0);
    expect([faults.failed, faults.planned]).toEqual([1, 0]);
    await store.write([append("a-1")]);
    expect(await countIn(real)).toBe(1);
  });

  it("fails a write after all was written: the same write is recognised then", async () => {
    const { store, real } = open({ outcome: "after" });
    const items = [append("a-1"), append("a-2")];
    await expect(store.write(items)).rejects.toThrow("The store fails as planned; all was written, and the answer is lost.");
    expect(await countIn(real)).toBe(2);
    expect(await store.write(items)).toMatchObject({ position: 1, repeated: true });
    expect(await countIn(real)).toBe(2);
  });

  it("fails an append as it fails a write", async () => {
    const { store, real } = open({ stream: "a-1" }, { stream: "a-1", outcome: "after" });
    const options = { expectedVersion: "any" } as const;
    expect(await store.append("a-2", [event()], options)).toMatchObject({ stream: "a-2", version: 0 });
    const events = [event()];
    await expect(store.append("a-1", events, options)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await countIn(real, "a-1")).toBe(0);
    await expect(store.append("a-1", events, options)).rejects.toBeInstanceOf(StoreUnavailable);
    expect(await countIn(real, "a-1")).toBe(1);
    expect(await store.append("a-1", events, options)).toMatchObject({ version: 0, repeated: true });
  });

  it("fails with the error that is wanted", async () => {
    const error = new RangeError("Full.");
    const { store } = open({ error });
    await expect(store.write([append("a-1")])).rejects.toBe(error);
  });

  it("meets writes with an item for its stream, of whatever kind", async () => {
    const { store, faults } = open({ stream: "a-1", times: 3 });
    expect(await outcomes(store, "a-2", "a-1", "a-11")).toBe("+-+");
    await expect(store.write([append("a-3"), append("a-1")])).rejects.toThrow("planned");
    await expect(store.write([{ kind: "delete", stream: "a-1", expectedVersion: "any" }])).rejects.toThrow("planned");
    await store.write([{ kind: "checkpoint", name: "a-1", expected: null, position: position(0) }]);
    expect(faults).toMatchObject({ failed: 3, planned: 0 });
  });

  it("comes as often as it is planned, once unless it is said", async () => {
    expect(await outcomes(open({}).store, "a", "a", "a")).toBe("-++");
    expect(await outcomes(open({ times: 2 }).store, "a", "a", "a")).toBe("--+");
    expect(await outcomes(open({ skip: 2 }).store, "a", "a", "a", "a")).toBe("++-+");
    expect(await outcomes(open({ skip: 1, times: 2 }).store, "a", "a", "a", "a")).toBe("+--+");
    expect(await outcomes(open({ stream: "b", skip: 1 }).store, "b", "a", "b", "b")).toBe("++-+");
    const { store, faults } = open({ times: Number.POSITIVE_INFINITY });
    expect(await outcomes(store, "a", "a", "a")).toBe("---");
    expect(faults.planned).toBe(Number.POSITIVE_INFINITY);
    faults.heal();
    expect(faults.planned).toBe(0);
    expect(await outcomes(store, "a")).toBe("+");
  });

  it("that is the first to fit takes the write, and the next one waits", async () => {
    const { store, faults } = open(
      { stream: "a", error: new Error("first") },
      { error: new Error("second") },
      { skip: 1, error: new Error("third") },
    );
    const attempt = (stream: string): Promise<unknown> => store.write([append(stream)]).catch((error: unknown) => String(error));
    expect(await attempt("b")).toBe("Error: second");
    expect(await attempt("a")).toBe("Error: first");
    expect(faults.planned).toBe(1);
    expect(await attempt("b")).toMatchObject({ repeated: false });
    expect(await attempt("b")).toBe("Error: third");
  });

  it("is not met by a write that the store refuses, which is told so", async () => {
    const { store, real, faults } = open({ outcome: "after" });
    await expect(store.append("a-1", [event()], { expectedVersion: version(5) })).rejects.toMatchObject({ code: "wrong-expected-version" });
    expect(faults).toMatchObject({ failed: 0, planned: 1 });
    await expect(store.write([append("a-1")])).rejects.toThrow("planned");
    expect(await countIn(real)).toBe(1);
  });

  it.each([null, 5, { error: "x" }, { time: 2 }, []])("that is none is refused: %j", (fault) => {
    expect(() => injectFaults(createInMemoryStore()).failWrites(fault as never)).toThrow(InvalidArgument);
  });

  it.each([5, null, undefined, {}, { write: () => undefined }])("is injected into stores alone, and not into %j", (store) => {
    expect(() => injectFaults(store as never)).toThrow(InvalidArgument);
  });

  it.each([{ times: 0 }, { times: 1.5 }, { times: Number.NaN }, { skip: -1 }, { outcome: "none" as never }, { stream: 5 as never }])(
    "that means nothing is refused: %j",
    (fault) => {
      expect(() => injectFaults(createInMemoryStore()).failWrites(fault)).toThrow(InvalidArgument);
    },
  );
});

describe("what is no write", () => {
  it("is the real store's: reads, subscriptions, leases, groups, snapshots, checkpoints and its end", async () => {
    await createTestRuntime().run(async () => {
      const { store, real, faults } = open();
      await store.write([append("a-1"), { kind: "checkpoint", name: "c", expected: null, position: position(0) }]);
      faults.failWrites({ times: Number.POSITIVE_INFINITY });
      const subscription = store.subscribe({ all: true }, { from: after(position(0)) });
      await real.write([append("a-1")]);
      for await (const one of subscription.events()) {
        expect(one).toMatchObject({ stream: "a-1", version: 1 });
        break;
      }
      expect(await countIn(store)).toBe(2);
      expect(await store.leases.acquire("work", { owner: "w", durationMs: 1_000 })).toMatchObject({ name: "work" });
      await store.groups.create("mails", { source: { all: true } });
      expect(await store.groups.claim("mails", { consumer: "c" })).toHaveLength(1);
      expect(await store.checkpoint("c")).toBe(0);
      expect(await store.streamInfo("a-1")).toMatchObject({ state: "live" });
      expect(store.durability).toBe(real.durability);
      expect(store.gaps).toBe(real.gaps);
      expect(faults.failed).toBe(0);
      await store[Symbol.asyncDispose]();
      await expect(real.streamInfo("a-1")).rejects.toMatchObject({ code: "already-closed" });
    });
  });
});
