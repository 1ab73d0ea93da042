import { position } from "@reactive-domain/core";
import { everyReadModels } from "@reactive-domain/store-tests/every-read-models";
import { describe, expect, test } from "vitest";
import { account, accounts, accountViews, built, defined, entry, NAME, nextAccountViews, Worker } from "./account-projection.ts";

const REF = { projection: NAME, generation: 1 };

describe.each(everyReadModels)("amendments of projections in $name", ({ open }) => {
  test("items of the live generation are kept where it is, entries settled, and its worker hears of it", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    await worker.commit({ puts: [account("a-1"), account("a-2")], to: 4, entries: [entry(2, "parked"), entry(3, "parked")] });
    const documents = { shape: accountViews, puts: [account("a-1", { owner: "Bob" })], deletes: ["a-2"] };
    await projections.amend({ projection: NAME, lanes: [position(4)], documents, settled: [entry(2, "parked")] });
    const items = await projections.documents(REF, { shape: accountViews, keys: ["a-1", "a-2"] });
    expect(items).toEqual([JSON.stringify(account("a-1", { owner: "Bob" })), undefined]);
    expect(await projections.entries(REF)).toMatchObject([{ position: 3 }]);
    const record = await projections.find(NAME);
    expect(record).toMatchObject({ revision: 2, generations: [{ lanes: [4], handled: 1, worker: "ann" }] });
    await expect(worker.commit({ to: 5 })).rejects.toMatchObject({ code: "projection-changed" });
    worker.revision = 2;
    await worker.commit({ to: 5 });
  });

  test.each([[[null]], [[position(3)]], [[position(4), position(4)]], [[]]])(
    "nothing is amended where a lane is not where it was believed: %j",
    async (lanes) => {
      const { projections } = await open();
      const worker = await defined(projections);
      await worker.commit({ puts: [account("a-1")], to: 4 });
      const before = await projections.find(NAME);
      const documents = { shape: accountViews, puts: [account("a-9")], deletes: ["a-1"] };
      await expect(projections.amend({ projection: NAME, lanes, documents, settled: [] })).rejects.toMatchObject({
        code: "projection-changed",
      });
      expect(await projections.find(NAME)).toEqual(before);
      const items = await projections.documents(REF, { shape: accountViews, keys: ["a-1", "a-9"] });
      expect(items).toEqual([JSON.stringify(account("a-1")), undefined]);
    },
  );
});

describe.each(everyReadModels)("comparisons of generations in $name", ({ open }) => {
  test("generations of the same items have no difference", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const items = [account("a-1"), account("a-2", { owner: null })];
    await worker.commit({ puts: items, to: 9 });
    await built(projections, 2, items.toReversed());
    const nothing = { count: 0, samples: [] };
    const same = { table: "account-views", rows: [2, 2], onlyOne: nothing, onlyOther: nothing };
    expect(await projections.compare(NAME, { one: 1, other: 2 })).toEqual({ tables: [same] });
    expect(await projections.compare(NAME, { one: 2, other: 2 })).toEqual({ tables: [same] });
    await projections.change(NAME, { kind: "swap", generation: 2, notBehind: true });
    expect(await projections.compare(NAME, { one: 1, other: 2 })).toEqual({ tables: [same] });
  });

  test("what is missing, more or other is counted on its side, and told", async () => {
    const { projections } = await open();
    const worker = await defined(projections);
    const changed = [account("a-2", { balanceCents: 5 }), account("a-2", { balanceCents: 6 })] as const;
    await worker.commit({ puts: [account("a-1"), changed[0], account("a-3")], to: 9 });
    await built(projections, 2, [account("a-3"), changed[1]]);
    const { tables } = await projections.compare(NAME, { one: 1, other: 2 });
    expect(tables).toHaveLength(1);
    const [{ rows, onlyOne, onlyOther } = { rows: [], onlyOne: undefined, onlyOther: undefined }] = tables;
    expect(rows).toEqual([3, 2]);
    expect(onlyOne?.count).toBe(2);
    expect(onlyOne?.samples.toSorted()).toEqual([account("a-1"), changed[0]].map((item) => JSON.stringify(item)));
    expect(onlyOther).toEqual({ count: 1, samples: [JSON.stringify(changed[1])] });
  });

  test("items whose indexed fields are the same are told apart by the rest of them", async () => {
    const { projections } = await open();
    await (await defined(projections)).commit({ puts: [account("a-1", { lines: [{ text: "one" }] })], to: 9 });
    await built(projections, 2, [account("a-1", { lines: [{ text: "other" }] })]);
    expect(await projections.compare(NAME, { one: 1, other: 2 })).toMatchObject({
      tables: [{ onlyOne: { count: 1 }, onlyOther: { count: 1 } }],
    });
  });

  test("as many differences are told as are asked for, and all are counted", async () => {
    const { projections } = await open();
    const many = Array.from({ length: 30 }, (_, index) => account(`a-${index}`));
    await (await defined(projections)).commit({ puts: many, to: 9 });
    await built(projections, 2, []);
    const told = async (samples?: number): Promise<readonly (number | undefined)[]> => {
      const { tables } = await projections.compare(NAME, { one: 1, other: 2, ...(samples === undefined ? {} : { samples }) });
      return [tables[0]?.onlyOne.count, tables[0]?.onlyOne.samples.length, tables[0]?.onlyOther.count];
    };
    expect(await told()).toEqual([30, 10, 0]);
    expect(await told(0)).toEqual([30, 0, 0]);
    expect(await told(100)).toEqual([30, 30, 0]);
    await expect(told(-1)).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("items of another schema version are held against those of the one before", async () => {
    const { projections } = await open();
    await (await defined(projections)).commit({ puts: [account("a-1"), account("a-2")], to: 9 });
    await projections.build(accounts(2, nextAccountViews));
    await (await Worker.of(projections, 2)).commit({ puts: [account("a-1")], to: 9 });
    const { tables } = await projections.compare(NAME, { one: 1, other: 2 });
    expect(tables).toMatchObject([{ table: "account-views", rows: [2, 1], onlyOne: { count: 1 }, onlyOther: { count: 0 } }]);
  });
});
