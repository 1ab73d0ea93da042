/** The type of events that say something about a stream. */
export const METADATA_TYPE = "$metadata";
/** The type of the event that says that a stream is deleted for ever. */
export const STREAM_DELETED_TYPE = "$streamDeleted";

const PREFIX = "$$";

/** The name of the stream whose events say something about a stream. */
export function metadataStreamOf(stream: string): string {
  return PREFIX + stream;
}

/** The stream about which the events of a stream say something; `undefined` where it is an ordinary stream. */
export function describedStream(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}
