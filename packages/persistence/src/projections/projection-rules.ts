import type { Position } from "@reactive-domain/core";
import { Fenced, WrongCheckpoint } from "../errors.ts";
import type { Fence } from "../lease.ts";
import { ProjectionChanged } from "./errors.ts";
import type { EntryCounts, GenerationStatus } from "./projection-record.ts";
import type { LaneMove, WorkerGuard } from "./projection-store.ts";

/** What is kept of a projection and one of its generations, when a commit is decided. */
export interface GuardView {
  readonly revision: number;
  readonly pausedUntilMs: number | null;
  readonly status: GenerationStatus;
  readonly fence: Fence | null;
  readonly lanes: readonly (Position | null)[];
  readonly nowMs: number;
}

/** What is told of an error or a key is cut to what a keeper of projections takes. */
export const MAX_ERROR_LENGTH = 10_000;
export const NO_ENTRIES: EntryCounts = { failing: 0, trial: 0, parked: 0, waiting: 0, replay: 0 };

/** Errors: `fenced`, `projection-changed`, `wrong-checkpoint`, as the port says of a commit; in this order. */
export function refuseCommit(guard: WorkerGuard & { readonly moves: readonly LaneMove[] }, view: GuardView): void {
  const { projection, generation, moves } = guard;
  const name = `${projection}, generation ${generation}`;
  if (view.fence !== guard.fence) throw new Fenced(name, guard.fence, view.fence ?? undefined);
  refusePaused(projection, view);
  if (view.revision !== guard.revision)
    throw new ProjectionChanged(projection, `is at revision ${view.revision}, and its worker knows revision ${guard.revision}`);
  for (const { lane, expected } of moves) {
    const actual = view.lanes[lane];
    if (actual === undefined) throw new ProjectionChanged(projection, `has no lane ${lane}, but ${view.lanes.length} in all`);
    if (actual !== expected) throw new WrongCheckpoint(`${name}, lane ${lane}`, expected, actual);
  }
}

/** What is built beside the live generation goes on. */
function refusePaused(projection: string, { status, pausedUntilMs, nowMs }: GuardView): void {
  if (status === "live" && pausedUntilMs !== null && pausedUntilMs > nowMs) throw new ProjectionChanged(projection, "is paused");
}

/** Errors: `projection-changed` where the lanes are not where somebody believes. */
export function refuseElsewhere(projection: string, lanes: readonly (Position | null)[], actual: readonly (Position | null)[]): void {
  if (lanes.length === actual.length && lanes.every((place, lane) => place === actual[lane])) return;
  throw new ProjectionChanged(projection, `is at ${shown(actual)}, and not at ${shown(lanes)}`);
}

/** Whether no lane is behind one of the other generation. */
export function isNotBehind(lanes: readonly (Position | null)[], other: readonly (Position | null)[]): boolean {
  const least = Math.min(...lanes.map((place) => place ?? -1));
  return least >= Math.max(...other.map((place) => place ?? -1));
}

/** Where all lanes are. Errors: `projection-changed` where they are not at one place. */
export function onePlace(projection: string, lanes: readonly (Position | null)[]): Position | null {
  const [place = null] = lanes;
  if (lanes.some((other) => other !== place)) throw new ProjectionChanged(projection, `has lanes at different places: ${shown(lanes)}`);
  return place;
}

function shown(lanes: readonly (Position | null)[]): string {
  return lanes.map((place) => place ?? "the beginning").join(", ");
}
