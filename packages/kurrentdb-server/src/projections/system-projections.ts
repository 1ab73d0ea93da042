/** What makes streams of the events of other streams. */
export const SYSTEM_PROJECTIONS = ["$by_category", "$by_correlation_id", "$by_event_type", "$stream_by_category", "$streams"] as const;

/** The name of a system projection. */
export type SystemProjection = (typeof SYSTEM_PROJECTIONS)[number];

const KEPT_PREFIX = "$projections-";

/** The stream in which is kept how a projection is. */
export function keptStream(projection: SystemProjection): string {
  return KEPT_PREFIX + projection;
}

/** Whether a stream keeps how a projection is. */
export function isKeptStream(stream: string): boolean {
  return SYSTEM_PROJECTIONS.some((projection) => stream === keptStream(projection));
}
