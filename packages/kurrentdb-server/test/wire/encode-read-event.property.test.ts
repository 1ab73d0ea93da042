import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import { position, version } from "@reactive-domain/core";
import type { RecordedEventFields } from "@reactive-domain/persistence";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeReadEvent, FINAL_VERSION } from "../../src/wire/encode-read-event.ts";

type Wire = InstanceType<typeof streams.ReadResp.ReadEvent.RecordedEvent>;

const place = fc.oneof(fc.nat({ max: 300 }), fc.maxSafeNat());
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
const json = fc.oneof(
  fc.json(),
  fc.nat({ max: 70_000 }).map((length) => JSON.stringify("x".repeat(length))),
);
const content = fc.oneof(
  fc.record({ contentType: fc.constant("application/json"), data: json }),
  fc.record({ contentType: fc.constant("application/octet-stream"), data: fc.uint8Array({ maxLength: 300 }) }),
);

/** An event that needs no words in its metadata that the wire does not have. */
const event: fc.Arbitrary<RecordedEventFields> = fc
  .record({
    id: fc.uuid(),
    type: text,
    stream: text,
    version: place,
    position: place,
    ms: fc.nat({ max: 8.64e15 }),
    content,
    metadata: fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 }),
  })
  .map((facts) => ({
    id: facts.id,
    type: facts.type,
    stream: facts.stream,
    version: version(facts.version),
    position: position(facts.position),
    time: new Date(facts.ms),
    schemaVersion: 1,
    contentType: facts.content.contentType,
    data: facts.content.data,
    metadata: JSON.stringify(facts.metadata),
  }));

/** What the clients' own decoder finds in a message. */
function decoded(message: Uint8Array): InstanceType<typeof streams.ReadResp.ReadEvent> {
  return streams.ReadResp.deserializeBinary(message).getEvent() ?? new streams.ReadResp.ReadEvent();
}

function factsOf(wire: Wire | undefined): object {
  return {
    id: wire?.getId()?.getString(),
    stream: Buffer.from(wire?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString("utf8"),
    revision: wire?.getStreamRevision(),
    positions: [wire?.getPreparePosition(), wire?.getCommitPosition()],
    properties: Object.fromEntries(wire?.getMetadataMap().toObject() ?? []),
    metadata: Buffer.from(wire?.getCustomMetadata_asU8() ?? []).toString("utf8"),
    data: Buffer.from(wire?.getData_asU8() ?? []).toString("base64"),
  };
}

function factsToFind({ id, stream, time, ...rest }: RecordedEventFields, revision = String(rest.version)): object {
  return {
    id,
    stream,
    revision,
    positions: [String(rest.position), String(rest.position)],
    properties: { type: rest.type, "content-type": rest.contentType, created: String(BigInt(time.getTime()) * 10_000n) },
    metadata: rest.metadata,
    data: Buffer.from(rest.data as string).toString("base64"),
  };
}

describe("an event that is sent", () => {
  it("is what the decoder of the clients finds", () => {
    fc.assert(
      fc.property(event, (one) => {
        const found = decoded(encodeReadEvent({ event: one }, "string"));
        expect(factsOf(found.getEvent())).toEqual(factsToFind(one));
        expect([found.hasLink(), found.getCommitPosition()]).toEqual([false, String(one.position)]);
      }),
    );
  });

  it("has an id in two halves that is the same id", () => {
    fc.assert(
      fc.property(event, (one) => {
        const halves = decoded(encodeReadEvent({ event: one }, "structured"))
          .getEvent()
          ?.getId()
          ?.getStructured()
          ?.toObject();
        const hex = [halves?.mostSignificantBits, halves?.leastSignificantBits]
          .map((half) =>
            BigInt.asUintN(64, BigInt(half ?? 0))
              .toString(16)
              .padStart(16, "0"),
          )
          .join("");
        expect(hex).toBe(one.id.replaceAll("-", ""));
      }),
    );
  });

  it("comes with its link, or a link comes alone", () => {
    fc.assert(
      fc.property(event, event, fc.boolean(), (one, link, leadsSomewhere) => {
        const found = decoded(encodeReadEvent({ event: leadsSomewhere ? one : undefined, link }, "string"));
        expect(factsOf(found.getLink())).toEqual(factsToFind(link));
        expect(found.hasEvent()).toBe(leadsSomewhere);
        expect(factsOf(found.getEvent())).toEqual(leadsSomewhere ? factsToFind(one) : factsOf(undefined));
        expect(found.getCommitPosition()).toBe(String(link.position));
      }),
    );
  });

  it("may be the last that its stream will ever have", () => {
    fc.assert(
      fc.property(event, (one) => {
        const found = decoded(encodeReadEvent({ event: { ...one, version: FINAL_VERSION } }, "string"));
        expect(factsOf(found.getEvent())).toEqual(factsToFind(one, "9223372036854775807"));
      }),
    );
  });
});
