import { LOG_HEAD } from "../log-head.ts";

const SCAVENGED_SINCE = 4;

/** In SQL, the position of the last event ever written, in a file of any schema. */
export function headIn(schemaVersion: number): string {
  return schemaVersion >= SCAVENGED_SINCE ? LOG_HEAD : "(SELECT max(position) FROM events)";
}
