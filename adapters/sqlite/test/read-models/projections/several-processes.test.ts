import { sleep } from "@reactive-domain/core";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { startChild, type Child } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { temporaryFile } from "../../temporary-file.ts";
import { withDatabase } from "../../with-database.ts";
import { accounts } from "./child-swapper-views.ts";

vi.setConfig({ testTimeout: 60_000 });

const projector = (path: string, name: string, count: number): Child =>
  startChild(new URL("child-projector.ts", import.meta.url), path, name, count);

interface Kept {
  readonly documents: number;
  readonly numbers: number;
}

/** Asserts that what is kept is what comes of as many numbers as the projections have handled, and tells how many. */
async function expectWhole(path: string): Promise<Kept> {
  await using models = await openSqliteReadModels(path);
  const records = await models.projections.list();
  const [documents, numbers] = records.map(({ generations: [live] }) => ({ place: live?.lanes[0] ?? -1, handled: live?.handled ?? -1 }));
  const { counts, rows } = withDatabase(path, (database) => ({
    counts: database.prepare<[], number>("SELECT count FROM seen_views_v1 ORDER BY name").pluck().all(),
    rows: database.prepare<[], number>("SELECT n FROM numbers ORDER BY n").pluck().all(),
  }));
  expect(counts).toEqual(Array.from({ length: 5 }, (_, rest) => Math.floor(((documents?.place ?? 0) + 5 - rest) / 5)));
  expect(rows).toEqual(Array.from({ length: (numbers?.place ?? -1) + 1 }, (_, n) => n));
  expect([documents, numbers].map((one) => one?.handled)).toEqual([documents, numbers].map((one) => (one?.place ?? 0) + 1));
  return { documents: documents?.place ?? -1, numbers: numbers?.place ?? -1 };
}

/** The last number of a projection that a child said it did. */
function lastDone({ said }: Child, projection: string): number {
  return said.reduce((last, [word, of, n]) => (word === "done" && of === projection ? Math.max(last, Number(n)) : last), -1);
}

test("workers of several processes that take over from each other at every turn do each number once", async () => {
  const path = temporaryFile();
  const children = ["red", "green", "blue"].map((name) => projector(path, name, 150));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  expect(await expectWhole(path)).toEqual({ documents: 149, numbers: 149 });
  const done = children.flatMap(({ said }) => said.filter(([word]) => word === "done").map((words) => words.join(" ")));
  expect(new Set(done).size).toBe(done.length);
  expect(done).toHaveLength(300);
});

test("what a killed process committed is whole, with what it was told, and others go on from there", async () => {
  const path = temporaryFile();
  for (let kill = 1; kill <= 3; kill++) {
    const child = projector(path, `killed-${kill}`, 1_000_000);
    await child.until(40 * kill + 7);
    child.process.kill("SIGKILL");
    expect(await child.ended).toBe("SIGKILL");
    const kept = await expectWhole(path);
    expect(kept.documents).toBeGreaterThanOrEqual(lastDone(child, "documents"));
    expect(kept.numbers).toBeGreaterThanOrEqual(lastDone(child, "numbers"));
  }
});

test("processes that build and swap at the same time do not fail each other, nor those who read beside them", async () => {
  const path = temporaryFile();
  const children = ["red", "green"].map((name) => startChild(new URL("child-swapper.ts", import.meta.url), path, name, 15));
  await children[0]?.until(1);
  await using models = await openSqliteReadModels(path);
  const repository = await models.repository(accounts);
  const seen = new Set<number>();
  while (children.some(({ process }) => process.exitCode === null && process.signalCode === null)) {
    seen.add((await repository.query({})).items.length);
    await sleep(1);
  }
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0]);
  expect([...seen]).toEqual([1]);
  expect((await models.projections.list())[0]?.generations.filter(({ status }) => status === "live")).toHaveLength(1);
});
