import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liftMetadata, lowerMetadata } from "../../src/wire/event-metadata.ts";

const utf8 = (value: string | Uint8Array): Buffer => Buffer.from(value);
const text = (value: string | Uint8Array): string => utf8(value).toString("utf8");

/** JSON text of an object, as a program writes it or as a person does. */
const objectText = fc
  .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2, "\t"))
  .map(([value, space]) => JSON.stringify(value, undefined, space));
/** The same of an event that belongs to a chain, as clients tell it. */
const chained = fc
  .tuple(
    fc.dictionary(fc.constantFrom("$correlationId", "correlationId", "a"), fc.oneof(fc.string(), fc.jsonValue())),
    fc.constantFrom(undefined, 2),
  )
  .map(([value, space]) => JSON.stringify(value, undefined, space));
const told = fc.option(fc.record({ type: fc.string({ minLength: 1 }), isText: fc.boolean() }), { nil: undefined });

describe("metadata on its way between the wire and the store", () => {
  it("comes back to its writer byte by byte, whatever it was", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), objectText.map(utf8), fc.json().map(utf8), chained.map(utf8)), (bytes) => {
        const { metadata, schemaVersion, content } = liftMetadata(bytes);
        const parsed: unknown = JSON.parse(metadata);
        expect(parsed).toBeTypeOf("object");
        expect(utf8(lowerMetadata(metadata, schemaVersion, content)).equals(bytes)).toBe(true);
      }),
      { examples: [[utf8("{}")], [utf8("{ }")], [utf8("{\n}")], [utf8("")], [utf8("[]")], [utf8("null")], [new Uint8Array([0xff])]] },
    );
  });

  it("has the chain of an event where stores look for it", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(undefined, 2), (chain, space) => {
        const { metadata } = liftMetadata(utf8(JSON.stringify({ a: 1, $correlationId: chain }, undefined, space)));
        expect(JSON.parse(metadata)).toMatchObject({ a: 1, $correlationId: chain, correlationId: chain });
      }),
    );
    const own = JSON.stringify({ correlationId: "own", $correlationId: "theirs" });
    expect(liftMetadata(utf8(own)).metadata).toBe(own);
  });

  it("brings what only the store knows to a writer elsewhere, and leaves the rest as it is", () => {
    fc.assert(
      fc.property(objectText, fc.integer({ min: 1, max: 1_000_000 }), told, (metadata, schemaVersion, content) => {
        fc.pre(!metadata.includes('"rd-'));
        const lifted = liftMetadata(utf8(lowerMetadata(metadata, schemaVersion, content)));
        expect(lifted).toEqual({ metadata: expect.any(String), schemaVersion, content });
        expect(JSON.parse(lifted.metadata)).toEqual(JSON.parse(metadata));
      }),
      {
        examples: [
          ["{\n}", 2, undefined],
          ["{ }", 1, { type: "text/plain", isText: true }],
          ['{\n\t"": null\n}', 3, undefined],
        ],
      },
    );
  });

  it("is taken out of one text, where its writer could send nothing but texts", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer({ min: 2, max: 9 }), (value, schemaVersion) => {
        const whole = JSON.stringify(value);
        fc.pre(JSON.stringify(JSON.parse(whole)) === whole && !whole.includes('"rd-'));
        const sent = JSON.stringify({ "rd-schema-version": String(schemaVersion), "rd-metadata": whole });
        const { metadata, ...lifted } = liftMetadata(utf8(sent));
        expect(lifted).toEqual({ schemaVersion, content: undefined });
        expect(text(metadata)).toBe(whole);
      }),
    );
  });
});
