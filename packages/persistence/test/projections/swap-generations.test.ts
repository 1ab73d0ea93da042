import type { ReadModels } from "@reactive-domain/persistence";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test, vi } from "vitest";
import { account, accounts, accountViews, built, defined, entry, NAME, nextAccountViews, Worker } from "./account-projection.ts";

const old = account("a-1", { owner: "Old" });
const fresh = account("a-1", { owner: "New", balanceCents: 5 });
const swap = (
  generation: number,
  notBehind = true,
): { readonly kind: "swap"; readonly generation: number; readonly notBehind: boolean } => ({
  kind: "swap",
  generation,
  notBehind,
});

/** A cache sees what others have changed when it has become old. */
async function expectOwner(models: ReadModels, repository: Awaited<ReturnType<typeof accountsOf>>, owner: string): Promise<void> {
  await vi.waitFor(async () => expect((await repository.get("a-1"))?.item.owner).toBe(owner), { timeout: 5_000 });
  expect((await repository.query({ filter: { owner: { eq: owner } } })).items).toHaveLength(1);
  const reopened = await accountsOf(models);
  expect((await reopened.get("a-1"))?.item.owner).toBe(owner);
}

function accountsOf(models: ReadModels) {
  return models.repository(accountViews);
}

describe.each(everyReadModels)("swaps of generations in $name", ({ open }) => {
  test("the new generation is live with its items, entries and place, and the old one retired with its own", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ puts: [old], to: 9, handled: 3, entries: [entry(1, "parked")] });
    const building = await built(projections, 2, [fresh]);
    const record = await projections.change(NAME, swap(2));
    expect(record).toMatchObject({
      revision: 2,
      generations: [
        { generation: 1, status: "retired", version: 1, lanes: [9], handled: 3, entries: { parked: 1 }, fence: worker.granted.fence },
        { generation: 2, status: "live", version: 2, lanes: [9], handled: 1, entries: { parked: 0 }, fence: building.granted.fence },
      ],
    });
    const items = (generation: number): Promise<unknown> =>
      projections.documents({ projection: NAME, generation }, { shape: accountViews, keys: ["a-1"] });
    expect([await items(1), await items(2)]).toEqual([[JSON.stringify(old)], [JSON.stringify(fresh)]]);
    for (const one of [worker, building]) await expect(one.commit()).rejects.toMatchObject({ code: "projection-changed" });
    for (const one of [worker, building]) one.revision = 2;
    await building.commit({ puts: [account("a-2")], to: 10 });
    await worker.commit({ puts: [account("a-3")], to: 10 });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [10] }, { lanes: [10] }]);
  });

  test("repositories see the live items at every time, those that were opened long before as well", async () => {
    const models = await open();
    const { projections } = models;
    const repository = await accountsOf(models);
    const worker = await defined(projections);
    await worker.commit({ puts: [old], to: 9 });
    await expectOwner(models, repository, "Old");
    await built(projections, 2, [fresh]);
    await expectOwner(models, repository, "Old");
    await projections.change(NAME, swap(2));
    await expectOwner(models, repository, "New");
    await projections.change(NAME, swap(1));
    await expectOwner(models, repository, "Old");
    await built(projections, 3, [fresh]);
    await projections.change(NAME, swap(3));
    await expectOwner(models, repository, "New");
  });

  test("no reader fails while generations are swapped beside it", async () => {
    const models = await open();
    const { projections } = models;
    const repository = await accountsOf(models);
    await (await defined(projections)).commit({ puts: [old], to: 9 });
    await built(projections, 2, [fresh]);
    const swaps = (async () => {
      for (let turn = 0; turn < 10; turn++) await projections.change(NAME, swap(turn % 2 === 0 ? 2 : 1));
    })();
    const owners = new Set<string | null | undefined>();
    for (let nth = 0; nth < 100; nth++) {
      const found = await repository.query({});
      owners.add(found.items.length === 1 ? found.items[0]?.owner : "several");
      owners.add((await repository.get("a-1"))?.item.owner);
    }
    await swaps;
    expect([...owners].filter((owner) => owner !== "Old" && owner !== "New")).toEqual([]);
  });

  test("a generation that is behind is not swapped in, unless it may be", async () => {
    const { projections } = await open();
    await (await defined(projections)).commit({ to: 10 });
    await built(projections, 2, [fresh]);
    const before = await projections.find(NAME);
    await expect(projections.change(NAME, swap(2))).rejects.toMatchObject({ code: "projection-changed" });
    expect(await projections.find(NAME)).toEqual(before);
    expect(await projections.change(NAME, swap(2, false))).toMatchObject({ generations: [{ status: "retired" }, { status: "live" }] });
  });

  test("one that has not begun is behind one that has, and not behind one that has not", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await projections.build(accounts(2));
    await worker.commit({ to: 0 });
    await expect(projections.change(NAME, swap(2))).rejects.toMatchObject({ code: "projection-changed" });
    await projections.change(NAME, { kind: "reset" });
    await projections.change(NAME, swap(2));
  });

  test("the live generation is not swapped for itself", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    await expect(projections.change(NAME, swap(1))).rejects.toMatchObject({ code: "projection-changed" });
  });

  test("the next swap drops what was retired before, and a rollback drops nothing", async () => {
    const models = await open();
    const { projections } = models;
    await (await defined(projections)).commit({ puts: [old], to: 9 });
    await built(projections, 2, [fresh]);
    await projections.change(NAME, swap(2));
    await built(projections, 3, [account("a-1", { owner: "Third" })]);
    await projections.change(NAME, swap(1));
    expect((await projections.find(NAME))?.generations).toMatchObject([
      { generation: 1, status: "live" },
      { generation: 2, status: "retired" },
      { generation: 3, status: "building" },
    ]);
    const swapped = await projections.change(NAME, swap(3));
    expect(swapped.generations).toMatchObject([
      { generation: 1, status: "retired" },
      { generation: 3, status: "live" },
    ]);
    await expectOwner(models, await accountsOf(models), "Third");
    await expect(projections.entries({ projection: NAME, generation: 2 })).rejects.toMatchObject({ code: "projection-not-found" });
  });

  test("a generation of another schema version takes its own place, and the old one keeps its own until it is dropped", async () => {
    const models = await open();
    const { projections } = models;
    const [repository, next] = [await models.repository(accountViews), await models.repository(nextAccountViews)];
    await (await defined(projections)).commit({ puts: [old], to: 9 });
    await projections.build(accounts(2, nextAccountViews));
    await (await Worker.of(projections, 2)).commit({ puts: [fresh], to: 9 });
    await projections.change(NAME, swap(2));
    expect((await next.get("a-1"))?.item).toEqual(fresh);
    expect((await next.query({ filter: { owner: { eq: "New" } } })).items).toEqual([fresh]);
    expect((await repository.query({})).items).toEqual([old]);
    await projections.change(NAME, swap(1));
    expect((await repository.query({})).items).toEqual([old]);
    await built(projections, 3, [account("a-3")]);
    await projections.change(NAME, swap(3));
    expect((await repository.query({})).items).toEqual([account("a-3")]);
    await projections.remove(NAME);
    for (const version of [1, 2]) expect(await models.discard("account-views", version)).toBe(false);
  });
});

describe.each(everyReadModels.filter(({ name }) => name !== "a cache"))("versions of items in $name", ({ open }) => {
  test("no state of an item has a version that another state of it had, in whatever generation", async () => {
    const models = await open();
    const { projections } = models;
    const repository = await accountsOf(models);
    const seen: number[] = [];
    const look = async (): Promise<void> => void seen.push((await repository.get("a-1"))?.version ?? 0);
    const worker = await defined(projections);
    for (let nth = 0; nth < 5; nth++) {
      await worker.commit({ puts: [account("a-1", { balanceCents: nth })] });
      await look();
    }
    await worker.commit({ deletes: ["a-1"] });
    await worker.commit({ puts: [old] });
    await look();
    await built(projections, 2, [fresh]);
    await repository.put(account("a-1", { owner: "By hand" }));
    await look();
    await projections.change(NAME, swap(2));
    await look();
    const live = await Worker.of(projections, 2);
    await live.commit({ puts: [fresh] });
    await look();
    await repository.delete("a-1");
    await live.commit({ puts: [fresh] });
    await look();
    await projections.change(NAME, { kind: "reset" });
    const again = await Worker.of(projections, 2);
    await again.commit({ puts: [fresh] });
    await look();
    expect(seen.every((version) => version > 0)).toBe(true);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("what a rollback brings back has not the version of what it took away, and a writer from before is refused", async () => {
    const models = await open();
    const { projections } = models;
    const repository = await accountsOf(models);
    await (await defined(projections)).commit({ puts: [old], to: 9 });
    const known = await repository.get("a-1");
    await built(projections, 2, [fresh]);
    await projections.change(NAME, swap(2));
    const expected = { expectedVersion: known?.version ?? ("none" as const) };
    await expect(repository.put(account("a-1"), expected)).rejects.toMatchObject({ code: "wrong-item-version" });
    const next = await repository.get("a-1");
    await projections.change(NAME, swap(1));
    await expect(repository.put(account("a-1"), { expectedVersion: next?.version ?? "none" })).rejects.toMatchObject({
      code: "wrong-item-version",
    });
  });
});
