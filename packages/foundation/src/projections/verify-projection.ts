import { checkKeys, type Position } from "@reactive-domain/core";
import { ProjectionChanged, type GenerationComparison } from "@reactive-domain/persistence";
import { feedUpTo } from "../read-models/as-of.ts";
import { buildGeneration, type Building, type BuildProgress } from "./build-generation.ts";
import { heldStill } from "./held-still.ts";
import { liveOf } from "./projection-place.ts";

export interface ProjectionVerifyOptions {
  /** Told how far it is, four times a second at most. */
  readonly onProgress?: (progress: BuildProgress) => unknown;
  /** How many rows that differ are told of each table and side, from 0. Default 10. */
  readonly samples?: number;
  readonly signal?: AbortSignal;
}

/** What a verification found. */
export interface ProjectionVerifyResult extends GenerationComparison {
  readonly projection: string;
  /** Whether the live tables are what a fresh fold of the log makes. Where events of the live generation are parked, or were replayed late, it may not be. */
  readonly isEqual: boolean;
}

type Parts<C> = Pick<Building<C>, "projection" | "feed" | "store" | "settings">;

/**
 * Folds the log anew beside the live generation, up to exactly where that is, and holds the rows of both against each other (`one` is the live generation). The projection commits
 * nothing in the last moments of it.
 *
 * Errors: `projection-changed` where it is rebuilt or verified already; `projection-stopped`, the signal's reason, those of the store.
 */
export async function verifyProjection<C>(parts: Parts<C>, options: ProjectionVerifyOptions): Promise<ProjectionVerifyResult> {
  checkKeys("options of a verification", options, ["onProgress", "samples", "signal"]);
  const { projection, store } = parts;
  const before = await store.find(projection.name);
  if (before?.generations.some(({ status }) => status === "building") === true)
    throw new ProjectionChanged(projection.name, "is being rebuilt or verified already");
  const { generations } = await store.build({ name: projection.name, version: projection.version, shape: projection.shape });
  const number = generations.find(({ status }) => status === "building")?.generation ?? 0;
  try {
    // Most of it is done while the projection goes on.
    await foldUpTo(parts, number, options);
    return await heldStill(store, projection.name, async () => {
      const live = await foldUpTo(parts, number, options);
      const comparison = await store.compare(projection.name, { one: live, other: number, samples: options.samples ?? 10 });
      const isEqual = comparison.tables.every(({ onlyOne, onlyOther }) => onlyOne.count === 0 && onlyOther.count === 0);
      return { ...comparison, projection: projection.name, isEqual };
    });
  } finally {
    await store.change(projection.name, { kind: "drop", generation: number });
  }
}

/** Folds up to where the live generation is, and answers which that is. */
async function foldUpTo<C>(parts: Parts<C>, number: number, options: ProjectionVerifyOptions): Promise<number> {
  const { projection, store, feed } = parts;
  const record = await store.find(projection.name);
  const generation = record?.generations.find((one) => one.generation === number);
  if (record === undefined || generation === undefined)
    throw new ProjectionChanged(projection.name, "was removed, or its verification given up");
  const live = liveOf(record);
  const furthest = Math.max(-1, ...live.lanes.map((place) => place ?? -1));
  if (furthest === -1) return live.generation;
  if (generation.handled > 0 && generation.lanes.length !== live.lanes.length)
    throw new ProjectionChanged(projection.name, "goes on in other lanes than when its verification began");
  if (isAt(generation.lanes, live.lanes)) return live.generation;
  const bounded = feedUpTo(feed, { position: furthest as Position });
  const { onProgress, signal } = options;
  const lanes = live.lanes.length;
  const isDone = await buildGeneration(
    { ...parts, feed: bounded, generation, lanes, limits: live.lanes, onProgress, signal },
    async () => true,
  );
  if (!isDone) throw new ProjectionChanged(projection.name, "has lost what was folded anew: it was dropped");
  return live.generation;
}

function isAt(lanes: readonly (Position | null)[], wanted: readonly (Position | null)[]): boolean {
  return lanes.length === wanted.length && lanes.every((place, index) => place === wanted[index]);
}
