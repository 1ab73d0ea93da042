import { currentRuntime, type Position } from "@reactive-domain/core";
import type { GenerationRecord, GenerationStatus, ProjectionRecord } from "@reactive-domain/persistence";

/** `paused` for now; `working`; `abandoned`: its worker's lease ended, and nobody has taken it; `idle`: nobody works on it. */
export type ProjectionState = "paused" | "working" | "abandoned" | "idle";

export function stateOf(record: ProjectionRecord): ProjectionState {
  const nowMs = currentRuntime().clock.now();
  const { worker, leaseUntil } = generationOf(record, "live") ?? { worker: null, leaseUntil: null };
  if (record.pausedUntil !== null && record.pausedUntil.getTime() > nowMs) return "paused";
  if (worker === null) return "idle";
  return (leaseUntil?.getTime() ?? 0) > nowMs ? "working" : "abandoned";
}

export function generationOf({ generations }: ProjectionRecord, wanted: GenerationStatus): GenerationRecord | undefined {
  return generations.find(({ status }) => status === wanted);
}

/** Up to where all lanes have handled everything; `null` before the first event. */
export function placeOf({ lanes }: Pick<GenerationRecord, "lanes">): Position | null {
  return lanes.reduce((least, place) => (least === null || place === null ? null : (Math.min(least, place) as Position)));
}
