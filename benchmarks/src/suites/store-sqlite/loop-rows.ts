import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { openSqliteStore } from "@reactive-domain/sqlite";
import type { BenchRow } from "../../report.ts";
import { inTemporaryFolder } from "../../temporary-folder.ts";
import { appendBy } from "../append-by.ts";
import { newAppends } from "../new-appends.ts";
import { openStoreInThread } from "./store-thread.ts";

const APPENDS = 102_400;
const CALLERS = 256;
const MAX_P99_MS = 10;
const FLUSHES = 200;
const FLUSH_BYTES = 4_096;
const NANOSECONDS = 1_000_000;

/** How long the event loop is held up while 256 callers append: with the writer on the thread of its callers, as it is, and in a thread of its own. */
export async function loopRows(): Promise<readonly BenchRow[]> {
  return inTemporaryFolder(async (folder) => {
    const flushMs = medianFlushMs(join(folder, "flush"));
    await delayOf((appends) => appendOn(join(folder, "warm-up.db"), appends));
    const own = await delayOf((appends) => appendOn(join(folder, "own.db"), appends));
    const thread = await delayOf((appends) => appendInThread(join(folder, "thread.db"), appends));
    const named = (writer: string, { p50Ms, maxMs, rate }: LoopDelay): string =>
      `event-loop delay p99, 256 callers append, ${writer}: p50 ${p50Ms.toFixed(1)}, max ${maxMs.toFixed(1)} ms, ${Math.round(rate)} events/s, flush ${flushMs.toFixed(2)} ms`;
    return [
      {
        id: "sqlite.loop",
        name: named("writer on its callers' thread", own),
        unit: "ms",
        value: own.p99Ms,
        below: MAX_P99_MS,
        met: own.p99Ms < MAX_P99_MS,
      },
      { id: "sqlite.loop.thread", name: named("prototype with a writer's thread", thread), unit: "ms", value: thread.p99Ms },
    ];
  });
}

interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly rate: number;
}

type Appends = ReturnType<typeof newAppends>;

async function delayOf(append: (appends: Appends) => Promise<void>): Promise<LoopDelay> {
  const appends = newAppends(APPENDS);
  globalThis.gc?.();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startMs = performance.now();
  await append(appends);
  const ms = performance.now() - startMs;
  delay.disable();
  const at = (percentile: number): number => delay.percentile(percentile) / NANOSECONDS;
  return { p50Ms: at(50), p99Ms: at(99), maxMs: delay.max / NANOSECONDS, rate: (APPENDS * 1_000) / ms };
}

async function appendOn(file: string, appends: Appends): Promise<void> {
  await using store = await openSqliteStore(file);
  await appendBy(store, appends, CALLERS);
}

async function appendInThread(file: string, appends: Appends): Promise<void> {
  await using store = await openStoreInThread(file);
  await appendBy(store, appends, CALLERS);
}

/** What a flush of one page takes on this disk. */
function medianFlushMs(file: string): number {
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(FLUSH_BYTES, 1);
  const times = Array.from({ length: FLUSHES }, () => {
    writeSync(descriptor, page);
    const startMs = performance.now();
    fdatasyncSync(descriptor);
    return performance.now() - startMs;
  });
  closeSync(descriptor);
  return times.toSorted((a, b) => a - b)[FLUSHES / 2] ?? 0;
}
