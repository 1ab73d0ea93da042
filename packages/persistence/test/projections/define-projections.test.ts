import { defineReadModels } from "@reactive-domain/persistence";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test } from "vitest";
import { account, accounts, accountViews, defined, NAME, nextAccountViews, otherAccountViews, Worker } from "./account-projection.ts";

const NO_ENTRIES = { failing: 0, trial: 0, parked: 0, waiting: 0, replay: 0 };
const FRESH = { version: 1, lanes: [null], handled: 0, worker: null, leaseUntil: null, fence: null, entries: NO_ENTRIES };

describe.each(everyReadModels)("the making of projections in $name", ({ open }) => {
  test("a projection that is not known gets a live generation, and is found and listed by its name", async () => {
    const { projections } = await open();
    expect(await projections.find(NAME)).toBeUndefined();
    expect(await projections.list()).toEqual([]);
    const record = await projections.define(accounts());
    expect(record).toMatchObject({ name: NAME, revision: 1, pausedUntil: null });
    expect(record.generations).toEqual([{ ...FRESH, generation: 1, status: "live", madeAt: expect.any(Date) }]);
    const others = defineReadModels("others", { listing: accountViews.listing });
    await projections.define({ name: "a-first", version: 3, shape: { kind: "documents", shape: others } });
    expect(await projections.find(NAME)).toEqual(record);
    expect((await projections.list()).map(({ name }) => name)).toEqual(["a-first", NAME]);
  });

  test("one that is known is told as it is, whatever the version that is asked for", async () => {
    const { projections } = await open();
    const record = await projections.define(accounts());
    expect(await projections.define(accounts())).toEqual(record);
    expect(await projections.define(accounts(2))).toEqual(record);
    expect(await projections.define(accounts(3, nextAccountViews))).toEqual(record);
  });

  test("who defines it at the same time gets the same one", async () => {
    const { projections } = await open();
    const records = await Promise.all(Array.from({ length: 5 }, () => projections.define(accounts())));
    expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(1);
    const builds = await Promise.all(Array.from({ length: 5 }, () => projections.build(accounts(2))));
    expect(new Set(builds.map((record) => JSON.stringify(record))).size).toBe(1);
  });

  test("the same version of other fields is refused, and so are other fields under a schema version", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const others = { name: NAME, version: 1, shape: { kind: "documents" as const, shape: otherAccountViews } };
    await expect(projections.define(others)).rejects.toMatchObject({ code: "read-model-redefined" });
    await expect(projections.build(others)).rejects.toMatchObject({ code: "read-model-redefined" });
    await expect(projections.build({ ...others, version: 2 })).rejects.toMatchObject({ code: "read-model-redefined" });
    expect((await projections.find(NAME))?.generations).toHaveLength(1);
  });

  test("items that no projection made are not taken over, be it by a new projection or by a new generation", async () => {
    const models = await open();
    const repository = await models.repository(nextAccountViews);
    await repository.put(account("a-1"));
    await expect(models.projections.define(accounts(1, nextAccountViews))).rejects.toMatchObject({ code: "foreign-store" });
    expect(await models.projections.find(NAME)).toBeUndefined();
    await models.projections.define(accounts());
    await expect(models.projections.build(accounts(2, nextAccountViews))).rejects.toMatchObject({ code: "foreign-store" });
    expect((await repository.get("a-1"))?.item).toEqual(account("a-1"));
    await repository.delete("a-1");
    expect((await models.projections.build(accounts(2, nextAccountViews))).generations).toHaveLength(2);
  });

  test("two projections cannot make the items of one read model", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const other = { ...accounts(), name: "other-accounts" };
    await expect(projections.define(other)).rejects.toMatchObject({ code: "foreign-store" });
    await expect(projections.define(other)).rejects.toThrow(`projection ${NAME}`);
    expect(await projections.find("other-accounts")).toBeUndefined();
  });

  test("what a projection makes cannot be discarded, whichever of its generations makes it", async () => {
    const models = await open();
    await defined(models.projections);
    await models.projections.build(accounts(2, nextAccountViews));
    await expect(models.discard("account-views", 1)).rejects.toMatchObject({ code: "foreign-store" });
    await expect(models.discard("account-views", 2)).rejects.toMatchObject({ code: "foreign-store" });
    await models.projections.change(NAME, { kind: "drop", generation: 2 });
    await models.discard("account-views", 2);
    await models.projections.remove(NAME);
    expect(await models.discard("account-views", 1)).toBe(false);
  });

  test("one generation is built beside the live one, and who builds again is told that one", async () => {
    const { projections } = await open();
    const live = await projections.define(accounts());
    const record = await projections.build(accounts(2));
    expect(record.generations).toEqual([
      live.generations[0],
      { ...FRESH, generation: 2, status: "building", version: 2, madeAt: expect.any(Date) },
    ]);
    expect(record.revision).toBe(live.revision);
    expect(await projections.build(accounts(3))).toEqual(record);
    await projections.change(NAME, { kind: "drop", generation: 2 });
    const again = await projections.build(accounts(3));
    expect(again.generations.map(({ generation, version }) => [generation, version])).toEqual([
      [1, 1],
      [3, 3],
    ]);
  });

  test("a removed projection is gone with its items, and one of its name begins anew", async () => {
    const models = await open();
    const { projections } = models;
    const worker = await defined(projections);
    await worker.commit({ puts: [account("a-1")], to: 0 });
    await projections.build(accounts(2));
    expect(await projections.remove(NAME)).toBe(true);
    expect(await projections.remove(NAME)).toBe(false);
    expect(await projections.find(NAME)).toBeUndefined();
    await expect(worker.commit({ to: 1 })).rejects.toMatchObject({ code: "projection-not-found" });
    const again = await projections.define(accounts());
    expect(again.generations).toEqual([{ ...FRESH, generation: 1, status: "live", madeAt: expect.any(Date) }]);
    expect(await (await models.repository(accountViews)).get("a-1")).toBeUndefined();
  });

  test("who worked on a projection that was removed has no part in the one of its name", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await projections.remove(NAME);
    const next = await defined(projections);
    expect(next.granted.fence).not.toBe(worker.granted.fence);
    await expect(worker.commit({ puts: [account("a-1")], to: 0 })).rejects.toMatchObject({ code: "fenced" });
    await next.commit({ to: 0 });
  });

  test("what is not there is told so", async () => {
    const { projections } = await open();
    const missing = { code: "projection-not-found" };
    await expect(projections.build(accounts())).rejects.toMatchObject(missing);
    await expect(Worker.of(projections)).rejects.toMatchObject(missing);
    await expect(projections.change(NAME, { kind: "reset" })).rejects.toMatchObject(missing);
    await expect(projections.replay(NAME)).rejects.toMatchObject(missing);
    await expect(projections.amend({ projection: NAME, lanes: [null], settled: [] })).rejects.toMatchObject(missing);
    await expect(projections.compare(NAME, { one: 1, other: 2 })).rejects.toMatchObject(missing);
    await projections.define(accounts());
    const [, second] = [
      { projection: NAME, generation: 1 },
      { projection: NAME, generation: 2 },
    ];
    await expect(Worker.of(projections, 2)).rejects.toMatchObject(missing);
    await expect(projections.entries(second)).rejects.toMatchObject(missing);
    await expect(projections.documents(second, { shape: accountViews, keys: ["a-1"] })).rejects.toMatchObject(missing);
    await expect(projections.change(NAME, { kind: "swap", generation: 2, notBehind: false })).rejects.toMatchObject(missing);
    await expect(projections.change(NAME, { kind: "drop", generation: 2 })).rejects.toMatchObject(missing);
    await expect(projections.change(NAME, { kind: "lanes", generation: 2, lanes: 1 })).rejects.toMatchObject(missing);
    await expect(projections.compare(NAME, { one: 1, other: 2 })).rejects.toMatchObject(missing);
    await expect(projections.compare(NAME, { one: 2, other: 1 })).rejects.toMatchObject(missing);
  });

  test.each(["", "Accounts", "a--b", "a".repeat(41), 5])("the name %j is refused", async (name) => {
    const { projections } = await open();
    await expect(projections.define({ ...accounts(), name: String(name) && (name as string) })).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await expect(projections.find(name as string)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test.each([0, 1.5, 1_000_000, Number.NaN])("the version %j is refused", async (version) => {
    const { projections } = await open();
    await expect(projections.define(accounts(version))).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("closed ones say so", async () => {
    const models = await open();
    await models.close();
    await expect(models.projections.list()).rejects.toMatchObject({ code: "already-closed" });
    await expect(models.projections.define(accounts())).rejects.toMatchObject({ code: "already-closed" });
  });
});
