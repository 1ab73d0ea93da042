import { currentRuntime } from "@reactive-domain/core";
import type { RebuildResult, RunnableProjection } from "@reactive-domain/foundation";
import type { ReadModels } from "@reactive-domain/persistence";
import { onEndingSignal } from "../../ending-signal.ts";
import { Stopped } from "../../errors.ts";
import { withProjection, type ProjectionsOptions } from "../../open-projections.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import type { Progress } from "../../progress.ts";
import { BuildLine } from "./build-line.ts";
import { comparisonLines, differencesIn } from "./comparison-lines.ts";
import { generationOf } from "./projection-state.ts";
import { runOptionsOf, type HandlingOptions } from "./run-options.ts";

export interface RebuildProjectionOptions extends ProjectionsOptions, HandlingOptions {
  /** One key alone. */
  readonly key?: string;
  readonly compare?: boolean;
  readonly swap?: boolean;
  readonly acceptParked?: boolean;
  readonly json?: boolean;
}

/** Builds a projection anew beside what answers, and puts it in its place; or what it has of one key. Throws {@link Stopped} when it is stopped by a signal. */
export async function rebuildProjection(
  name: string,
  options: RebuildProjectionOptions,
  output: Output,
  progress: Progress,
): Promise<void> {
  using ending = onEndingSignal(() => new Stopped("built"));
  const run = runOptionsOf(options, progress);
  const { key, json = false } = options;
  const lines = await withProjection(name, options, run, async (projection, views) => {
    if (key !== undefined) return rebuildOfKey(projection, key, { json, signal: ending.signal });
    const worker = await workerOf(views, name);
    if (worker !== undefined) progress.tell(`${name} is being built by ${printable(worker)} already, which is waited for.`);
    using line = new BuildLine(progress);
    const { compare = false, swap = true, acceptParked = false } = options;
    const wanted = { compare, swap, acceptParked, signal: ending.signal };
    const result = await projection.rebuild({ ...wanted, onProgress: (now) => line.show(now) });
    return json ? [asJson(result)] : summaryOf(result);
  });
  await output.write(lines);
}

interface KeyOptions {
  readonly json: boolean;
  readonly signal: AbortSignal;
}

async function rebuildOfKey(projection: RunnableProjection, key: string, { json, signal }: KeyOptions): Promise<readonly string[]> {
  await projection.record();
  const { events } = await projection.rebuildKey(key, { signal });
  if (json) return [JSON.stringify({ projection: projection.name, key, events })];
  return [printable(`${projection.name}: key ${key} is made anew of ${count(events, "event")}.`)];
}

/** Who has what is being built, and has not gone. */
async function workerOf(views: ReadModels, name: string): Promise<string | undefined> {
  const record = await views.projections.find(name);
  const building = record === undefined ? undefined : generationOf(record, "building");
  if (building?.leaseUntil === undefined || building.leaseUntil === null) return undefined;
  return building.leaseUntil.getTime() > currentRuntime().clock.now() ? (building.worker ?? undefined) : undefined;
}

function asJson({ comparison, durationMs, ...result }: RebuildResult): string {
  const differences = comparison === undefined ? null : differencesIn(comparison);
  return JSON.stringify({ ...result, durationMs: Math.round(durationMs), differences, tables: comparison?.tables ?? null });
}

function summaryOf({ projection, generation, handled, parked, durationMs, comparison, isSwapped }: RebuildResult): readonly string[] {
  const end = isSwapped ? "is live" : "is built, and not live: rebuild without --no-swap puts it in its place, discard forgets it";
  return [
    `${projection}: ${count(handled, "event")}, ${parked.toLocaleString("en")} parked, ${(durationMs / 1_000).toFixed(1)} s. Generation ${generation} ${end}.`,
    ...(comparison === undefined ? [] : comparisonLines(comparison, ["before", "now"])),
  ];
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? what : `${what}s`}`;
}
