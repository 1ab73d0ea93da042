import type { WriteItem } from "@reactive-domain/persistence";
import { metadataStreamOf, STREAM_DELETED_TYPE } from "../metadata/described-stream.ts";
import { metadataEvents } from "../metadata/metadata-items.ts";
import { answerDeletion } from "./delete.ts";
import { writeAsExpected } from "./write-as-expected.ts";

/** Deletes a stream for ever. What says so is an event of its metadata, since the stream itself can be written no more. */
export const tombstoneStream = answerDeletion(({ store, runtime }, { info: { stream }, told }, expectedVersion) => {
  const event = {
    id: runtime.ids.next(),
    type: STREAM_DELETED_TYPE,
    schemaVersion: 1,
    contentType: "application/octet-stream",
    data: new Uint8Array(0),
    metadata: "{}",
  };
  const items: readonly WriteItem[] = [
    { kind: "tombstone", stream, expectedVersion },
    ...metadataEvents({ stream: metadataStreamOf(stream), expectedVersion: told, events: [event] }),
  ];
  return writeAsExpected(store, items);
});
