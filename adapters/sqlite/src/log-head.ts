/** In SQL, the position of the last event ever written; null before the first. The event itself may have been scavenged. */
export const LOG_HEAD = "nullif(max(ifnull((SELECT max(position) FROM events), -1), (SELECT head_position FROM log)), -1)";
