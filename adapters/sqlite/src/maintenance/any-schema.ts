import { LAST_EVENT_VERSION } from "../last-version.ts";
import { LOG_HEAD } from "../log-head.ts";

/** The first schema that has what is named; everything else has been there since 1. */
export const SINCE = { streamLife: 2, progress: 3, scavenge: 4, groups: 6, knownVersions: 7, transfer: 8 } as const;

/** In SQL, the position of the last event ever written, in a file of any schema. */
export function headIn(schemaVersion: number): string {
  return schemaVersion >= SINCE.scavenge ? LOG_HEAD : "(SELECT max(position) FROM events)";
}

/** In SQL, the streams with the version that their row knows of and that of their last event, in a file of any schema. */
export function livesIn(schemaVersion: number): string {
  const known = schemaVersion >= SINCE.knownVersions ? "known_version" : "version";
  return `lives AS (SELECT streams.*, streams.${known} AS known, ${LAST_EVENT_VERSION} AS last FROM streams)`;
}
