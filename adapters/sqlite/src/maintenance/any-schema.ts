import { LOG_HEAD } from "../log-head.ts";

const SCAVENGED_SINCE = 4;
const KNOWN_VERSIONS_SINCE = 7;

/** In SQL, the position of the last event ever written, in a file of any schema. */
export function headIn(schemaVersion: number): string {
  return schemaVersion >= SCAVENGED_SINCE ? LOG_HEAD : "(SELECT max(position) FROM events)";
}

/** In SQL, the streams with the version that their row knows of and that of their last event, in a file of any schema. */
export function livesIn(schemaVersion: number): string {
  const known = schemaVersion >= KNOWN_VERSIONS_SINCE ? "known_version" : "version";
  const last = "ifnull((SELECT max(version) FROM events WHERE stream_id = streams.id), -1)";
  return `lives AS (SELECT streams.*, streams.${known} AS known, ${last} AS last FROM streams)`;
}
