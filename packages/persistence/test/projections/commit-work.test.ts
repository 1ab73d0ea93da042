import { position } from "@reactive-domain/core";
import type { ProjectionCommit } from "@reactive-domain/persistence";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test } from "vitest";
import { account, accounts, accountViews, defined, entry, NAME, nextAccountViews, Worker } from "./account-projection.ts";

const REF = { projection: NAME, generation: 1 };

type Wrong = (worker: Worker) => Partial<ProjectionCommit<unknown>>;

/** What is wrong with a commit, and what is said of it. */
const WRONGS: readonly (readonly [code: string, what: string, wrong: Wrong])[] = [
  ["fenced", "a token that was not given", ({ granted }) => ({ fence: (granted.fence + 1) as typeof granted.fence })],
  ["projection-changed", "another revision", ({ revision }) => ({ revision: revision + 1 })],
  ["projection-changed", "a lane that there is not", () => ({ moves: [{ lane: 1, expected: null, position: position(1) }] })],
  ["wrong-checkpoint", "a lane that is elsewhere", () => ({ moves: [{ lane: 0, expected: position(4), position: position(5) }] })],
  ["wrong-checkpoint", "a lane that is not at the beginning", () => ({ moves: [{ lane: 0, expected: null, position: position(5) }] })],
  ["projection-not-found", "a generation that there is not", () => ({ generation: 7 })],
  ["projection-not-found", "a projection that there is not", () => ({ projection: "others" })],
];

describe.each(everyReadModels)("commits of projections in $name", ({ open }) => {
  test("rows, the place of the lane, entries and the count change together, and repositories see the rows", async () => {
    const models = await open();
    const worker = await defined(models.projections);
    await worker.commit({ puts: [account("a-1"), account("a-2", { balanceCents: 5 })], to: 3, handled: 4, entries: [entry(2, "parked")] });
    await worker.commit({ puts: [account("a-1", { balanceCents: 7 })], deletes: ["a-2"], to: 8, handled: 2 });
    expect((await models.projections.find(NAME))?.generations).toMatchObject([{ lanes: [8], handled: 6, entries: { parked: 1 } }]);
    const repository = await models.repository(accountViews);
    expect((await repository.get("a-1"))?.item).toEqual(account("a-1", { balanceCents: 7 }));
    expect(await repository.get("a-2")).toBeUndefined();
    const found = await repository.query({ filter: { balanceCents: { gte: 1 } } });
    expect(found.items.map(({ accountId }) => accountId)).toEqual(["a-1"]);
  });

  test("items are told as JSON, in the order of the keys that are asked for, as often as they are", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const many = Array.from({ length: 3_000 }, (_, index) => account(`a-${index}`, { balanceCents: index }));
    await worker.commit({ puts: many, to: 1 });
    const keys = ["a-2999", "b-1", "a-0", "a-0", ...many.map(({ accountId }) => accountId)];
    const found = await projections.documents(REF, { shape: accountViews, keys });
    expect(found.slice(0, 4)).toEqual([JSON.stringify(many[2_999]), undefined, JSON.stringify(many[0]), JSON.stringify(many[0])]);
    expect(found.slice(4)).toEqual(many.map((item) => JSON.stringify(item)));
    await worker.commit({ deletes: keys.slice(0, 2), to: 2 });
    expect(await projections.documents(REF, { shape: accountViews, keys: ["a-2999", "a-1"] })).toEqual([
      undefined,
      JSON.stringify(many[1]),
    ]);
    expect(await projections.documents(REF, { shape: accountViews, keys: [] })).toEqual([]);
  });

  test("values that are hard to keep come back as they were", async () => {
    const models = await open();
    const worker = await defined(models.projections);
    const hard = [
      account("ä'\"\\%_ 😀", { owner: null, balanceCents: 1e21, isOpen: false }),
      account("", { owner: "", balanceCents: -0.5, isOpen: true, lines: [{ text: "a\u0000b\ud800{}" }] }),
      account("{a,b}", { owner: "null", balanceCents: Number.MIN_VALUE }),
    ];
    await worker.commit({ puts: hard, to: 1 });
    const keys = hard.map(({ accountId }) => accountId);
    expect(await models.projections.documents(REF, { shape: accountViews, keys })).toEqual(hard.map((item) => JSON.stringify(item)));
    const repository = await models.repository(accountViews);
    const found = await repository.query({ filter: { owner: { eq: null } } });
    expect(found.items).toEqual([hard[0]]);
  });

  test("what is put is seen by the next commit and by nobody before", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await projections.build(accounts(2));
    const building = await Worker.of(projections, 2);
    await building.commit({ puts: [account("a-1")], to: 1 });
    expect(await projections.documents(REF, { shape: accountViews, keys: ["a-1"] })).toEqual([undefined]);
    await worker.commit({ puts: [account("a-1", { owner: "Bob" })], to: 1 });
    const two = await projections.documents({ ...REF, generation: 2 }, { shape: accountViews, keys: ["a-1"] });
    expect(two).toEqual([JSON.stringify(account("a-1"))]);
  });

  test.each(WRONGS)("%s: %s is refused, and nothing is done", async (code, _, wrong) => {
    const models = await open();
    const worker = await defined(models.projections);
    await worker.commit({ puts: [account("a-1")], to: 3, entries: [entry(2, "parked")] });
    const before = await models.projections.find(NAME);
    const commit = { puts: [account("a-1", { owner: "Eve" }), account("a-9")], deletes: ["a-2"], settled: [entry(2, "parked")] };
    await expect(worker.commit({ ...commit, to: 4, entries: [entry(3, "failing")], ...wrong(worker) })).rejects.toMatchObject({ code });
    expect(await models.projections.find(NAME)).toEqual(before);
    const items = await models.projections.documents(REF, { shape: accountViews, keys: ["a-1", "a-9"] });
    expect(items).toEqual([JSON.stringify(account("a-1")), undefined]);
    expect(await models.projections.entries(REF)).toHaveLength(1);
  });

  test("of commits that are sent together each has an outcome of its own", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const wrong = { fence: (worker.granted.fence + 1) as typeof worker.granted.fence };
    const outcomes = await Promise.allSettled([
      worker.commit({ puts: [account("a-1")] }),
      worker.commit({ puts: [account("a-2")], ...wrong }),
      worker.commit({ puts: [account("a-3")] }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const items = await projections.documents(REF, { shape: accountViews, keys: ["a-1", "a-2", "a-3"] });
    expect(items.map((item) => item !== undefined)).toEqual([true, false, true]);
  });

  test("a commit that is sent twice is done once", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const outcomes = await Promise.allSettled([worker.commit({ to: 3 }), worker.commit({ to: 3 })]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [3], handled: 1 }]);
  });

  test("an item that cannot be kept is refused with all that is beside it", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const puts = [account("a-1"), account("a-2", { balanceCents: Number.NaN })];
    await expect(worker.commit({ puts, to: 1 })).rejects.toMatchObject({ code: "not-serializable" });
    const wrong = [account("a-1"), { accountId: 5 } as object as ReturnType<typeof account>];
    await expect(worker.commit({ puts: wrong, to: 1 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(worker.commit({ deletes: [5 as unknown as string], to: 1 })).rejects.toMatchObject({ code: "invalid-argument" });
    expect((await projections.find(NAME))?.generations).toMatchObject([{ lanes: [null], handled: 0 }]);
    expect(await projections.documents(REF, { shape: accountViews, keys: ["a-1"] })).toEqual([undefined]);
  });

  test("a generation of another schema version is no concern of those who read the live one", async () => {
    const models = await open();
    const { projections } = models;
    const worker = await defined(projections);
    await projections.build(accounts(2, nextAccountViews));
    const building = await Worker.of(projections, 2);
    const next = await models.repository(nextAccountViews);
    await building.commit({ puts: [account("a-2")], to: 1 });
    await worker.commit({ puts: [account("a-1")], to: 1 });
    expect(await next.get("a-2")).toBeUndefined();
    const repository = await models.repository(accountViews);
    expect(await repository.get("a-2")).toBeUndefined();
    expect((await repository.get("a-1"))?.item).toEqual(account("a-1"));
  });
});
