/** In SQL, the version of the last event that is there of a stream of `streams`; -1 where there is none. */
export const LAST_EVENT_VERSION = "ifnull((SELECT max(version) FROM events WHERE stream_id = streams.id), -1)";

/** In SQL, the version of the last event ever written to a stream of `streams`; -1 before the first. The event itself may have been scavenged. */
export const LAST_VERSION = `max(known_version, ${LAST_EVENT_VERSION})`;
