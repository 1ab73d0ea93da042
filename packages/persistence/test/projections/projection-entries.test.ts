import { position } from "@reactive-domain/core";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test } from "vitest";
import { accounts, built, defined, entry, NAME } from "./account-projection.ts";

const REF = { projection: NAME, generation: 1 };
const SINCE = { since: expect.any(Date) as Date };

describe.each(everyReadModels)("entries of projections in $name", ({ open }) => {
  test("are told as they were put, by position and key, and counted by state", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const entries = [
      entry(9, "waiting", { attempts: 0, error: "" }),
      entry(2, "parked", { attempts: 10 }),
      entry(9, "failing", { key: "a-0", error: "ä'\"\\ 😀\n at x" }),
      entry(5, "trial", { key: "", size: 40 }),
      entry(7, "replay", { key: "k".repeat(500) }),
    ];
    await worker.commit({ entries });
    const [waiting, parked, failing, trial, replay] = entries.map((put) => Object.assign(put, SINCE));
    expect(await projections.entries(REF)).toEqual([parked, trial, replay, failing, waiting]);
    const counts = { failing: 1, trial: 1, parked: 1, waiting: 1, replay: 1 };
    expect((await projections.find(NAME))?.generations).toMatchObject([{ entries: counts }]);
  });

  test("are told as far as they are asked for", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({
      entries: [
        entry(1, "parked"),
        entry(2, "waiting"),
        entry(3, "waiting", { key: "a-2" }),
        entry(4, "failing"),
        entry(4, "failing", { key: "b" }),
      ],
    });
    const places = async (options: Parameters<typeof projections.entries>[1]): Promise<readonly string[]> =>
      (await projections.entries(REF, options)).map((one) => `${one.position} ${one.key}`);
    expect(await places({ states: ["waiting", "parked"] })).toEqual(["1 a-1", "2 a-1", "3 a-2"]);
    expect(await places({ states: [] })).toEqual([]);
    expect(await places({ key: "a-1" })).toEqual(["1 a-1", "2 a-1", "4 a-1"]);
    expect(await places({ after: position(2) })).toEqual(["3 a-2", "4 a-1", "4 b"]);
    expect(await places({ limit: 2 })).toEqual(["1 a-1", "2 a-1"]);
    expect(await places({ key: "a-1", states: ["failing", "waiting"], after: position(2), limit: 5 })).toEqual(["4 a-1"]);
    await expect(projections.entries(REF, { limit: 0 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(projections.entries(REF, { state: "parked" } as object)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("one that is put again takes the place of that of its position and key, and keeps the time of its state", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ entries: [entry(1, "failing"), entry(1, "parked", { key: "a-2" })] });
    const [before] = await projections.entries(REF);
    await worker.commit({ entries: [entry(1, "failing", { attempts: 2, error: "Again" })] });
    const [after, other] = await projections.entries(REF);
    expect(after).toEqual({ ...entry(1, "failing", { attempts: 2, error: "Again" }), since: before?.since });
    expect(other).toMatchObject({ key: "a-2", state: "parked" });
    await worker.commit({ entries: [entry(1, "parked", { attempts: 3 })] });
    expect(await projections.entries(REF, { key: "a-1" })).toEqual([{ ...entry(1, "parked", { attempts: 3 }), ...SINCE }]);
  });

  test("of a commit, what is settled goes and what is put stays, and what is not there may be settled", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ entries: [entry(1, "failing"), entry(2, "waiting")] });
    const settled = [entry(1, "failing"), entry(2, "failing", { key: "a-2" }), entry(7, "parked")];
    await worker.commit({ entries: [entry(3, "waiting")], settled });
    expect((await projections.entries(REF)).map((one) => one.position)).toEqual([2, 3]);
  });

  test("a long error is cut", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ entries: [entry(1, "parked", { error: "x".repeat(10_001) })] });
    const [kept] = await projections.entries(REF);
    expect(kept?.error).toBe("x".repeat(10_000));
  });

  test("are of a generation by itself", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const building = await built(projections, 2, []);
    await worker.commit({ entries: [entry(1, "parked")] });
    await building.commit({ entries: [entry(2, "parked")] });
    expect(await projections.entries(REF)).toHaveLength(1);
    expect(await projections.replay(NAME, { positions: [position(2)] })).toBe(0);
    expect(await projections.entries({ ...REF, generation: 2 })).toMatchObject([{ position: 2, state: "parked" }]);
  });
});

describe.each(everyReadModels)("what is parked in $name", ({ open }) => {
  test("is tried again all together, and workers hear of it", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ entries: [entry(1, "parked", { attempts: 10 }), entry(2, "waiting"), entry(3, "parked"), entry(4, "failing")] });
    expect(await projections.replay(NAME)).toBe(2);
    const states = (await projections.entries(REF)).map(({ state, attempts }) => [state, attempts]);
    expect(states).toEqual([
      ["replay", 0],
      ["waiting", 1],
      ["replay", 0],
      ["failing", 1],
    ]);
    expect((await projections.find(NAME))?.revision).toBe(2);
    await expect(worker.commit()).rejects.toMatchObject({ code: "projection-changed" });
    expect(await projections.replay(NAME)).toBe(0);
    expect((await projections.find(NAME))?.revision).toBe(2);
  });

  test("is tried again by position, by error, the oldest first, as many as are asked for", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const errors = ["Disk 50% full", "disk_50", "No route", "Disk 50% full", "No route"];
    await worker.commit({ entries: errors.map((error, index) => entry(index + 1, "parked", { error })) });
    const replayed = async (): Promise<readonly number[]> =>
      (await projections.entries(REF, { states: ["replay"] })).map((one) => one.position);
    expect(await projections.replay(NAME, { error: "50% full", limit: 1 })).toBe(1);
    expect(await replayed()).toEqual([1]);
    expect(await projections.replay(NAME, { positions: [position(3), position(2), position(99)] })).toBe(2);
    expect(await replayed()).toEqual([1, 2, 3]);
    expect(await projections.replay(NAME, { positions: [position(4), position(5)], error: "route" })).toBe(1);
    expect(await replayed()).toEqual([1, 2, 3, 5]);
    expect(await projections.replay(NAME, { positions: [] })).toBe(0);
    expect(await projections.replay(NAME, { error: "ISK" })).toBe(0);
    expect(await projections.replay(NAME, { limit: 7 })).toBe(1);
    await expect(projections.replay(NAME, { limit: 0 })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("of a generation that is retired is left alone", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ entries: [entry(1, "parked")] });
    await built(projections, 2, []);
    await projections.change(NAME, { kind: "swap", generation: 2, notBehind: true });
    expect(await projections.replay(NAME)).toBe(0);
    expect(await projections.define(accounts())).toMatchObject({ generations: [{ entries: { parked: 1 } }, { entries: { parked: 0 } }] });
  });
});
