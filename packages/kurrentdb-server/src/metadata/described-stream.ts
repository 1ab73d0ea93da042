import { METADATA_PREFIX } from "../views/system-names.ts";

/** The name of the stream whose events say something about a stream. */
export function metadataStreamOf(stream: string): string {
  return METADATA_PREFIX + stream;
}

/** The stream about which the events of a stream say something; `undefined` where it is an ordinary stream. */
export function describedStream(stream: string): string | undefined {
  return stream.startsWith(METADATA_PREFIX) ? stream.slice(METADATA_PREFIX.length) : undefined;
}
