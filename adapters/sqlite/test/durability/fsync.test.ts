import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { collect } from "@reactive-domain/store-tests";
import Database from "better-sqlite3";
import { expect, test, vi, type TestContext } from "vitest";
import { temporaryFile } from "../temporary-file.ts";
import { LOSES_ALL, ModelledDisk, type Crash } from "./modelled-disk.ts";
import type { SystemCall } from "./system-calls.ts";
import { traceChild, whyNotTraceable } from "./trace-child.ts";

vi.setConfig({ testTimeout: 180_000 });

const SECTOR_BYTES = 512;

/** The files whose loss would be a loss: the index of the log (`-shm`) is made anew after a crash. */
const filesOf = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-journal`];

/** Where there is nothing to trace with, the build must not be green. */
function refuseOrSkip({ skip }: TestContext): void {
  const reason = whyNotTraceable();
  if (reason === undefined) return;
  if (process.env["CI"] !== undefined) throw new Error(`No proof of fsync: ${reason}.`);
  process.stderr.write(`skipped, no proof of fsync: ${reason}.\n`);
  skip(reason);
}

interface Replay {
  readonly acknowledged: readonly string[];
  readonly disk: ModelledDisk;
}

/** Does the calls again, one by one; `look` is called after each, with what was acknowledged by then. */
async function replay(
  calls: readonly SystemCall[],
  look: (now: Replay, call: SystemCall, index: number) => Promise<void> | void,
): Promise<Replay> {
  const [disk, acknowledged] = [new ModelledDisk(), new Array<string>()];
  for (const [index, call] of calls.entries()) {
    if (call.kind === "told") acknowledged.push(...idsIn(call.text));
    else disk.do(call);
    await look({ acknowledged, disk }, call, index);
  }
  return { acknowledged, disk };
}

const isTold = ({ kind }: SystemCall): boolean => kind === "told";

function idsIn(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => (line.startsWith("ack ") ? [line.split(" ")[3] ?? ""] : []));
}

async function unsyncedAtAcknowledgements(path: string, calls: readonly SystemCall[]): Promise<readonly string[]> {
  const found: string[] = [];
  await replay(calls, ({ disk, acknowledged }, call) => {
    if (call.kind !== "told" || acknowledged.length === 0) return;
    found.push(...disk.unsynced([path, `${path}-wal`]).map((what) => `acknowledgement ${acknowledged.length}: ${what}`));
  });
  return found;
}

/** The ids that a store opened on what a crash has left does not have; it must be whole in everything else. */
async function lostAfter(crash: Crash, { disk, acknowledged }: Replay, path: string): Promise<readonly string[]> {
  const folder = join(dirname(path), `crash-${crypto.randomUUID()}`);
  mkdirSync(folder);
  for (const [file, content] of disk.crashed(filesOf(path), crash)) writeFileSync(join(folder, basename(file)), content);
  const copy = join(folder, basename(path));
  await using store = await openSqliteStore(copy);
  const events = await collect(store, { all: true });
  expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index));
  expect(integrityOf(copy)).toBe("ok");
  const ids = new Set(events.map(({ id }) => id));
  return acknowledged.filter((id) => !ids.has(id));
}

function integrityOf(path: string): unknown {
  const database = new Database(path, { readonly: true });
  try {
    return database.pragma("integrity_check", { simple: true });
  } finally {
    database.close();
  }
}

/** A crash that keeps some of what was not synced, torn between sectors. The same seed keeps the same. */
function crashKeepingSome(seed: number): Crash {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return {
    survives: () => next() < 0.5,
    survivingBytes: (bytes) => (next() < 0.5 ? bytes : Math.floor((next() * bytes) / SECTOR_BYTES) * SECTOR_BYTES),
  };
}

test("nothing is acknowledged before its bytes, and the names of its files, are synced; and no crash takes it back", async (context) => {
  refuseOrSkip(context);
  const path = temporaryFile();
  const calls = traceChild({ path, sequential: 150, callers: 64, rounds: 3 });
  expect(await unsyncedAtAcknowledgements(path, calls)).toEqual([]);

  // The log is moved into the file while events are acknowledged, not only at the end.
  const isOfFile = (call: SystemCall): boolean => call.kind === "write" && call.path === path;
  expect(calls.slice(calls.findIndex(isTold), calls.findLastIndex(isTold)).filter(isOfFile).length).toBeGreaterThan(10);

  const step = Math.floor(calls.length / 40);
  const looks = { acknowledgements: 0, between: 0 };
  const { acknowledged } = await replay(calls, async (now, call, index) => {
    if (index % step !== 0 || now.acknowledged.length === 0) return;
    looks[call.kind === "told" ? "acknowledgements" : "between"]++;
    for (const crash of [LOSES_ALL, crashKeepingSome(index + 1)])
      expect(await lostAfter(crash, now, path), `after call ${index}`).toEqual([]);
  });
  expect(acknowledged).toHaveLength(2 * (150 + 64 * 3));
  expect(looks.acknowledgements).toBeGreaterThan(3);
  expect(looks.between).toBeGreaterThan(15);
});

for (const lie of ["OFF", "NORMAL"])
  test(`a store that gets synchronous=${lie} and does not know it is found out`, async (context) => {
    refuseOrSkip(context);
    const path = temporaryFile();
    const calls = traceChild({ path, sequential: 10, callers: 8, rounds: 2, lie });
    const unsynced = await unsyncedAtAcknowledgements(path, calls);
    expect(unsynced[0]).toMatch(/^acknowledgement 1: /);
    expect(unsynced.length).toBeGreaterThan(20);

    const lost: string[] = [];
    await replay(calls, async (now, call) => {
      if (call.kind === "told" && now.acknowledged.length % 10 === 5) lost.push(...(await lostAfter(LOSES_ALL, now, path)));
    });
    expect(lost.length).toBeGreaterThan(0);
  });
