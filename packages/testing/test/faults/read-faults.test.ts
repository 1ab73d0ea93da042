import { createInMemoryStore, InvalidArgument, type EventStore, type ReadSource } from "@reactive-domain/foundation";
import { injectFaults, type FaultyStore } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { note } from "./noted.ts";

const ALL: ReadSource = { all: true };

/** A store with 5 events, 3 of `a-1` and 2 of `a-2`. */
async function open(): Promise<FaultyStore> {
  const faults = injectFaults(createInMemoryStore());
  await note(faults.store, "a-1", 3);
  await note(faults.store, "a-2", 2);
  return faults;
}

/** How many events a read gives, and whether it fails then. */
async function readOf(store: EventStore, source: ReadSource = ALL): Promise<string> {
  let given = 0;
  try {
    for await (const event of store.read(source)) given += event.type === "Noted" ? 1 : 0;
    return `${given}`;
  } catch (error) {
    return `${given}: ${String(error)}`;
  }
}

describe("a planned fault of reads", () => {
  it("fails the next one before it has given anything, also of a stream that does not exist", async () => {
    const faults = await open();
    faults.failReads({ times: 2 });
    expect(faults.planned).toBe(2);
    expect(await readOf(faults.store)).toBe("0: StoreUnavailable: The store fails as planned.");
    expect(await readOf(faults.store, { stream: "a-9" })).toBe("0: StoreUnavailable: The store fails as planned.");
    expect([faults.failed, faults.planned]).toEqual([2, 0]);
    expect(await readOf(faults.store)).toBe("5");
  });

  it("fails with a retryable error, or with the one that is wanted", async () => {
    const faults = await open();
    faults.failReads();
    await expect(faults.store.read(ALL)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "store-unavailable",
      retryable: true,
    });
    faults.failReads({ error: new RangeError("Full.") });
    expect(await readOf(faults.store)).toBe("0: RangeError: Full.");
  });

  it("lets so many events through before, and comes when more are asked for, if only to be told of the end", async () => {
    const faults = await open();
    faults.failReads({ afterEvents: 4, error: new Error("x") });
    expect(await readOf(faults.store)).toBe("4: Error: x");
    faults.failReads({ afterEvents: 5, error: new Error("x") });
    expect(await readOf(faults.store)).toBe("5: Error: x");
  });

  it("fails batches between one and the next: they come whole", async () => {
    const faults = await open();
    faults.failReads({ afterEvents: 3, error: new Error("x") });
    const sizes: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const { events } of faults.store.read(ALL, { maxBatchEvents: 2 }).batches()) sizes.push(events.length);
    };
    await expect(reading()).rejects.toThrow("x");
    expect(sizes).toEqual([2, 2]);
  });

  it("is met by the next read where one ends before, or is left", async () => {
    const faults = await open();
    faults.failReads({ afterEvents: 3, error: new Error("x") });
    expect(await readOf(faults.store, { stream: "a-2" })).toBe("2");
    for await (const event of faults.store.read(ALL)) {
      expect(event.version).toBe(0);
      expect(faults.planned).toBe(1);
      break;
    }
    expect(faults).toMatchObject({ failed: 0, planned: 1 });
    expect(await readOf(faults.store)).toBe("3: Error: x");
    expect(faults).toMatchObject({ failed: 1, planned: 0 });
  });

  it("meets reads of its source alone, after those that are to go well", async () => {
    const faults = await open();
    faults.failReads({ source: { stream: "a-1" }, skip: 1, error: new Error("x") });
    expect(await readOf(faults.store)).toBe("5");
    expect(await readOf(faults.store, { stream: "a-2" })).toBe("2");
    expect(await readOf(faults.store, { stream: "a-1" })).toBe("3");
    expect(await readOf(faults.store, { stream: "a-1" })).toBe("0: Error: x");
  });

  it("is forgotten by heal, also by a read that was about to meet it", async () => {
    const faults = await open();
    faults.failReads({ afterEvents: 2 });
    let given = 0;
    for await (const event of faults.store.read(ALL)) {
      given += event.type === "Noted" ? 1 : 0;
      faults.heal();
    }
    expect(given).toBe(5);
    expect(faults).toMatchObject({ failed: 0, planned: 0 });
  });

  it("leaves what the store refuses to the store", async () => {
    const faults = await open();
    faults.failReads();
    expect(() => faults.store.read({ stream: "" })).toThrow(InvalidArgument);
    expect(faults.planned).toBe(1);
  });

  it.each([null, 5, { stream: "a-1" }, { source: "a-1" }, { afterEvents: -1 }, { afterEvents: 0.5 }, { times: 0 }, { error: "x" }])(
    "that means nothing is refused: %j",
    (fault) => {
      const faults = injectFaults(createInMemoryStore());
      expect(() => faults.failReads(fault as never)).toThrow(InvalidArgument);
    },
  );
});
