import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { counters } from "@reactive-domain/store-tests";
import { expectCounted, startChild, type Child } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { temporaryFile } from "../temporary-file.ts";

vi.setConfig({ testTimeout: 60_000 });

const putter = (path: string, name: string, count: number): Child =>
  startChild(new URL("child-putter.ts", import.meta.url), path, name, count);

test("several processes make one file of read models at the same time, and none loses what another one puts", async () => {
  const path = temporaryFile();
  const children = ["red", "green", "blue"].map((name) => putter(path, name, 100));
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  await using models = await openSqliteReadModels(path);
  await expectCounted(models, children);
  const repository = await models.repository(counters);
  expect((await repository.get("shared"))?.item.count).toBe(300);
});

test("what a process was told is put is there when it is killed in the middle of it, and others go on", async () => {
  const path = temporaryFile();
  const children: Child[] = [];
  for (let kill = 1; kill <= 2; kill++) {
    const child = putter(path, `killed-${kill}`, 1_000_000);
    children.push(child);
    await child.until(100 * kill);
    child.process.kill("SIGKILL");
    expect(await child.ended).toBe("SIGKILL");
    await using models = await openSqliteReadModels(path);
    await expectCounted(models, children);
  }
});
