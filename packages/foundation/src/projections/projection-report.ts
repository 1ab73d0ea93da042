import type { CallOptions } from "@reactive-domain/persistence";
import type { WorkerReport } from "../health/worker-report.ts";
import type { RunnableProjection } from "./projection-handle.ts";
import { liveOf, placeOf } from "./projection-place.ts";

/** How a projection is, by its own account and by what is kept. What cannot be asked is left open. */
export async function reportOf(projection: RunnableProjection, options: CallOptions): Promise<WorkerReport> {
  const { health } = projection;
  const [record, lag] = await Promise.all([settled(projection.record(options)), settled(projection.lag(options))]);
  const live = record === undefined ? undefined : liveOf(record);
  return {
    kind: "projection",
    name: projection.name,
    feed: null,
    status: health.status,
    position: live === undefined ? health.position : placeOf(live),
    lag: lag === undefined ? null : { events: lag.events, ms: lag.ms },
    progressAgeMs: health.progressAgeMs,
    parked: live?.entries.parked ?? 0,
    failing: live?.entries.failing ?? 0,
    error: health.error,
  };
}

async function settled<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch {
    return undefined;
  }
}
