/** The type of links, whose data is `version@stream`. */
export const LINK_TYPE = "$>";
/** The type of the events that say something about a stream. */
export const METADATA_TYPE = "$metadata";
/** The type of the event that says that a stream is deleted for ever. */
export const TOMBSTONE_TYPE = "$streamDeleted";
/** What stands before the name of a stream in the name of the stream that says something about it. */
export const METADATA_PREFIX = "$$";
