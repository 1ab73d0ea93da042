/** In SQL, the version of the last event ever written to a stream of `streams`; -1 before the first. The event itself may have been scavenged. */
export const LAST_VERSION = "max(known_version, ifnull((SELECT max(version) FROM events WHERE stream_id = streams.id), -1))";
