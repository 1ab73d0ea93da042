import { position } from "@reactive-domain/core";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test, vi } from "vitest";
import { account, accounts, accountViews, built, defined, entry, NAME, Worker } from "./account-projection.ts";

const REF = { projection: NAME, generation: 1 };

describe.each(everyReadModels)("changes of projections in $name", ({ open }) => {
  test("while it is paused no worker commits, and it goes on by itself when the time is over", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const until = new Date(Date.UTC(2999, 0, 1, 0, 0, 0, 7));
    const paused = await projections.change(NAME, { kind: "pause", until });
    expect(paused).toMatchObject({ pausedUntil: until, revision: 2 });
    worker.revision = 2;
    await expect(worker.commit({ puts: [account("a-1")], to: 1 })).rejects.toMatchObject({ code: "projection-changed" });
    expect(await projections.documents(REF, { shape: accountViews, keys: ["a-1"] })).toEqual([undefined]);
    await projections.change(NAME, { kind: "pause", until: new Date(0) });
    worker.revision = 3;
    await worker.commit({ to: 1 });
    expect(await projections.change(NAME, { kind: "pause", until: null })).toMatchObject({ pausedUntil: null, revision: 4 });
    await expect(worker.commit()).rejects.toMatchObject({ code: "projection-changed" });
    worker.revision = 4;
    await worker.commit();
  });

  test("a pause of a moment ends", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    worker.revision = (await projections.change(NAME, { kind: "pause", until: soon() })).revision;
    await vi.waitFor(() => worker.commit({ to: 1 }), { timeout: 5_000 });
  });

  test.each([new Date(Number.NaN), "tomorrow", undefined, 5])("a pause until %o is refused", async (until) => {
    const { projections } = await open();
    await projections.define(accounts());
    await expect(projections.change(NAME, { kind: "pause", until: until as Date })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("reset, the live generation is empty and at the beginning, and others stay", async () => {
    const models = await open();
    const { projections } = models;
    const worker = await defined(projections);
    await built(projections, 2, [account("a-2")]);
    await worker.commit({ puts: [account("a-1")], to: 5, entries: [entry(1, "parked")] });
    const record = await projections.change(NAME, { kind: "reset" });
    expect(record).toMatchObject({
      revision: 2,
      generations: [
        { lanes: [null], handled: 0, entries: { parked: 0 }, worker: "ann" },
        { lanes: [9], handled: 1 },
      ],
    });
    expect(await (await models.repository(accountViews)).query({})).toMatchObject({ items: [] });
    expect(await projections.entries(REF)).toEqual([]);
    await expect(worker.commit({ to: 6 })).rejects.toMatchObject({ code: "projection-changed" });
    worker.revision = 2;
    worker.place = null;
    await worker.commit({ puts: [account("a-1")], to: 0 });
    const two = await projections.documents({ ...REF, generation: 2 }, { shape: accountViews, keys: ["a-2"] });
    expect(two).toEqual([JSON.stringify(account("a-2"))]);
  });

  test("a generation that is not live is dropped, with what it had, and its worker hears of it", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const building = await built(projections, 2, [account("a-1")]);
    await building.commit({ entries: [entry(1, "parked")] });
    expect(await projections.change(NAME, { kind: "drop", generation: 2 })).toMatchObject({
      revision: 2,
      generations: [{ generation: 1 }],
    });
    await expect(building.commit()).rejects.toMatchObject({ code: "projection-not-found" });
    await expect(projections.entries({ ...REF, generation: 2 })).rejects.toMatchObject({ code: "projection-not-found" });
    const next = await built(projections, 2, []);
    expect(next.generation).toBe(3);
    expect(await projections.entries({ ...REF, generation: 3 })).toEqual([]);
    expect(await projections.documents({ ...REF, generation: 3 }, { shape: accountViews, keys: ["a-1"] })).toEqual([undefined]);
  });

  test("the live generation is not dropped, and nothing changes", async () => {
    const { projections } = await open();
    const record = await projections.define(accounts());
    await expect(projections.change(NAME, { kind: "drop", generation: 1 })).rejects.toMatchObject({ code: "projection-changed" });
    expect(await projections.find(NAME)).toEqual(record);
  });

  test("in several lanes each is at a place of its own", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ to: 4 });
    const record = await projections.change(NAME, { kind: "lanes", generation: 1, lanes: 3 });
    expect(record).toMatchObject({ revision: 2, generations: [{ lanes: [4, 4, 4] }] });
    worker.revision = 2;
    await worker.commit({
      moves: [
        { lane: 2, expected: position(4), position: position(9) },
        { lane: 0, expected: position(4), position: position(6) },
      ],
    });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [6, 4, 9] }]);
    const wrong = [
      { lane: 1, expected: position(4), position: position(9) },
      { lane: 0, expected: position(4), position: position(9) },
    ];
    await expect(worker.commit({ moves: wrong })).rejects.toMatchObject({ code: "wrong-checkpoint" });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [6, 4, 9] }]);
  });

  test("lanes that are at different places stay as many as they are", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const lanes = { kind: "lanes", generation: 1 } as const;
    worker.revision = (await projections.change(NAME, { ...lanes, lanes: 2 })).revision;
    await worker.commit({ moves: [{ lane: 1, expected: null, position: position(0) }] });
    const before = await projections.find(NAME);
    await expect(projections.change(NAME, { ...lanes, lanes: 4 })).rejects.toMatchObject({ code: "projection-changed" });
    expect(await projections.find(NAME)).toEqual(before);
    await worker.commit({ moves: [{ lane: 0, expected: null, position: position(0) }] });
    expect(await projections.change(NAME, { ...lanes, lanes: 1 })).toMatchObject({ generations: [{ lanes: [0] }] });
    expect(await projections.change(NAME, { kind: "reset" })).toMatchObject({ generations: [{ lanes: [null] }] });
  });

  test.each([0, 65, 1.5])("%j lanes are refused", async (lanes) => {
    const { projections } = await open();
    await projections.define(accounts());
    await expect(projections.change(NAME, { kind: "lanes", generation: 1, lanes })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("changes that are made together are all made", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const records = await Promise.all(Array.from({ length: 10 }, () => projections.change(NAME, { kind: "pause", until: null })));
    expect(records.map(({ revision }) => revision).toSorted((one, other) => one - other)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await Worker.of(projections)).revision).toBe(11);
  });
});

function soon(): Date {
  return new Date(performance.timeOrigin + performance.now() + 50);
}
