import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test, vi } from "vitest";
import { account, accounts, accountViews, NAME, Worker } from "./account-projection.ts";

const REF = { projection: NAME, generation: 1 };

describe.each(everyReadModels)("workers of projections in $name", ({ open }) => {
  test("who acquires a generation gets a token, the record, and the time of the lease", async () => {
    const { projections } = await open();
    const { generations } = await projections.define(accounts());
    const { granted } = await Worker.of(projections);
    expect(granted).toMatchObject({ wasAbandoned: false, record: { name: NAME, revision: 1 } });
    const [live] = granted.record.generations;
    expect(live).toEqual({ ...generations[0], worker: "ann", fence: granted.fence, leaseUntil: expect.any(Date) });
    expect(await projections.find(NAME)).toEqual(granted.record);
  });

  test("somebody else is told who has it and for how long, and nothing changes", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const { granted } = await Worker.of(projections);
    const refused = await projections.acquire({ ...REF, worker: "bob", leaseMs: 1_000 });
    expect(refused).toEqual({ heldBy: "ann", forMs: expect.any(Number) });
    expect((refused as { readonly forMs: number }).forMs).toBeGreaterThan(0);
    expect((refused as { readonly forMs: number }).forMs).toBeLessThanOrEqual(600_000);
    expect(await projections.find(NAME)).toEqual(granted.record);
  });

  test("of several who ask at the same time one gets it", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const workers = ["ann", "bob", "cid", "dot", "eva"];
    const answers = await Promise.all(workers.map((worker) => projections.acquire({ ...REF, worker, leaseMs: 60_000 })));
    expect(answers.filter((answer) => "fence" in answer)).toHaveLength(1);
  });

  test("its worker gets it again under a new token, and the old one is worth nothing", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const before = await Worker.of(projections);
    const after = await Worker.of(projections);
    expect(after.granted.wasAbandoned).toBe(true);
    expect(after.granted.fence).toBeGreaterThan(before.granted.fence);
    await expect(before.commit({ puts: [account("a-1")], to: 0 })).rejects.toMatchObject({ code: "fenced" });
    expect(await projections.documents(REF, { shape: accountViews, keys: ["a-1"] })).toEqual([undefined]);
    await after.commit({ to: 0 });
  });

  test("generations are worked on by themselves, and no token is given twice", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    await projections.build(accounts(2));
    const [live, building] = [await Worker.of(projections, 1, "ann"), await Worker.of(projections, 2, "bob")];
    const again = await Worker.of(projections, 1, "ann");
    const fences = [live, building, again].map(({ granted }) => granted.fence);
    expect(fences.toSorted((one, other) => one - other)).toEqual(fences);
    expect(new Set(fences).size).toBe(3);
    await building.commit({ to: 0 });
    await again.commit({ to: 0 });
  });

  test("what was released is anybody's, and was not abandoned", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const { granted } = await Worker.of(projections);
    await projections.release({ ...REF, fence: granted.fence });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ worker: null, leaseUntil: null, fence: granted.fence }]);
    const next = await Worker.of(projections, 1, "bob");
    expect(next.granted.wasAbandoned).toBe(false);
    await projections.release({ ...REF, fence: granted.fence });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ worker: "bob" }]);
  });

  test("a lease that has ended is taken over, as one that was abandoned, and its worker is fenced", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const { fence } = (await projections.acquire({ ...REF, worker: "ann", leaseMs: 1 })) as Worker["granted"];
    const next = await vi.waitFor(() => Worker.of(projections, 1, "bob"), { timeout: 5_000 });
    expect(next.granted.wasAbandoned).toBe(true);
    expect(await projections.renew({ ...REF, worker: "ann", leaseMs: 60_000, fence })).toBeUndefined();
    await projections.release({ ...REF, fence });
    const late = { ...REF, fence, revision: 1, moves: [], handled: 1, entries: [], settled: [] };
    const puts = [account("a-1")];
    await expect(projections.commit({ ...late, documents: { shape: accountViews, puts, deletes: [] } })).rejects.toMatchObject({
      code: "fenced",
    });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ worker: "bob", handled: 0 }]);
  });

  test("a lease that has ended is its worker's while nobody has taken it over", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    const { fence } = (await projections.acquire({ ...REF, worker: "ann", leaseMs: 1 })) as Worker["granted"];
    const renewed = await projections.renew({ ...REF, worker: "ann", leaseMs: 600_000, fence });
    expect(renewed).toMatchObject({ name: NAME, generations: [{ worker: "ann", fence }] });
    expect(await projections.acquire({ ...REF, worker: "bob", leaseMs: 1 })).toMatchObject({ heldBy: "ann" });
  });

  test("to hold on to what was released, dropped or removed answers nothing", async () => {
    const { projections } = await open();
    await projections.define(accounts());
    await projections.build(accounts(2));
    const request = { projection: NAME, worker: "ann", leaseMs: 60_000 };
    const [live, building] = [await Worker.of(projections, 1), await Worker.of(projections, 2)];
    await projections.release({ ...REF, fence: live.granted.fence });
    expect(await projections.renew({ ...request, generation: 1, fence: live.granted.fence })).toBeUndefined();
    await projections.change(NAME, { kind: "drop", generation: 2 });
    expect(await projections.renew({ ...request, generation: 2, fence: building.granted.fence })).toBeUndefined();
    await projections.remove(NAME);
    const gone = await Promise.allSettled([projections.renew({ ...request, generation: 1, fence: live.granted.fence })]);
    expect(gone).toEqual([{ status: "fulfilled", value: undefined }]);
    await projections.release({ ...REF, fence: live.granted.fence });
  });

  test.each([{ worker: "" }, { worker: "w".repeat(257) }, { leaseMs: 0 }, { leaseMs: 1.5 }, { generation: 0.5 }, { projection: "A" }])(
    "%o is refused",
    async (wrong) => {
      const { projections } = await open();
      await projections.define(accounts());
      const request = { ...REF, worker: "ann", leaseMs: 1_000, ...wrong };
      await expect(projections.acquire(request)).rejects.toMatchObject({ code: "invalid-argument" });
    },
  );
});
