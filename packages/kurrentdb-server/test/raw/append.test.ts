import { version } from "@reactive-domain/core";
import { newEvent } from "@reactive-domain/store-tests";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import { describe, expect, it } from "vitest";
import { appendEvent, appendOptions, plainAppend, structuredUuid, textUuid } from "./raw-appends.ts";
import { serve } from "./serve.ts";

describe("a plain append", () => {
  it("begins with its options, once", async () => {
    const { client, store } = await serve();
    expect(await plainAppend(client, [appendOptions("a"), appendEvent(), appendEvent()])).toBe("at 1");
    expect(await plainAppend(client, [appendEvent(), appendOptions("a")])).toBe("3");
    expect(await plainAppend(client, [appendOptions("a"), appendOptions("a")])).toBe("3");
    expect(await plainAppend(client, [appendOptions("a", () => undefined), appendEvent()])).toBe("3");
    expect(await plainAppend(client, [appendOptions("")])).toBe("3");
    expect(await plainAppend(client, [])).toBe("3");
    expect((await store.streamInfo("a")).lastVersion).toBe(1);
  });

  it("recognises an id in either form", async () => {
    const { client, store } = await serve();
    const append = (id: ReturnType<typeof textUuid>): Promise<string> => plainAppend(client, [appendOptions("a"), appendEvent({ id })]);
    expect(await append(structuredUuid("-1", "1"))).toBe("at 0");
    expect(await append(textUuid("FFFFFFFF-ffff-ffff-0000-000000000001"))).toBe("at 0");
    expect((await store.streamInfo("a")).lastVersion).toBe(0);
  });

  it("takes no name that is no UTF-8, which would be the same as another", async () => {
    const { client, store } = await serve();
    const named = (last: number): ReturnType<typeof appendOptions> => {
      const request = appendOptions("a");
      request
        .getOptions()
        ?.getStreamIdentifier()
        ?.setStreamName(Buffer.from([0x61, last]).toString("base64"));
      return request;
    };
    expect(await plainAppend(client, [named(0xff), appendEvent()])).toBe("3");
    expect(await plainAppend(client, [named(0xfe), appendEvent()])).toBe("3");
    expect(await plainAppend(client, [appendOptions("a\uFFFD"), appendEvent()])).toBe("at 0");
    expect((await store.streamInfo("a\uFFFD")).lastVersion).toBe(0);
  });

  it("names what an event lacks", async () => {
    const { client } = await serve();
    const refused = "3 missing-required-metadata-property required-metadata-properties";
    expect(await plainAppend(client, [appendOptions("a"), appendEvent({ type: null })])).toBe(`${refused}=type`);
    expect(await plainAppend(client, [appendOptions("a"), appendEvent({ type: null, contentType: null })])).toBe(
      `${refused}=type,content-type`,
    );
    expect(await plainAppend(client, [appendOptions("a"), appendEvent({ id: null })])).toBe("3");
  });

  it("is refused while it is sent where it is too large", async () => {
    const { client, store } = await serve({ maxAppendBytes: 100 });
    const events = Array.from({ length: 1_000 }, () => appendEvent({ data: JSON.stringify("x".repeat(48)) }));
    expect(await plainAppend(client, [appendOptions("a"), ...events.slice(0, 2)])).toBe("at 1");
    expect(await plainAppend(client, [appendOptions("b"), ...events])).toBe("3 maximum-append-size-exceeded maximum-append-size=100");
    expect((await store.streamInfo("b")).state).toBe("missing");
  });

  it("is refused while it is sent where it is large by what does not count as its content", async () => {
    const { client, store } = await serve();
    const longTypes = Array.from({ length: 40 }, () => appendEvent({ type: "t".repeat(1_000_000), data: "" }));
    expect(await plainAppend(client, [appendOptions("a"), ...longTypes])).toBe(
      "3 maximum-append-size-exceeded maximum-append-size=1048576",
    );
    expect((await store.streamInfo("a")).state).toBe("missing");
  });

  it("tells a conflict as an answer, with the last revision of a deleted stream", async () => {
    const { client, store } = await serve();
    await store.append("a", [newEvent(), newEvent()], { expectedVersion: "noStream" });
    await store.write([{ kind: "delete", stream: "a", expectedVersion: version(1) }]);
    const conflict = await plainAppend(client, [appendOptions("a", (options) => options.setRevision("0")), appendEvent()]);
    expect(conflict).toContain('"currentRevision":"1"');
    expect(conflict).toContain('"expectedRevision":"0"');
    expect(await plainAppend(client, [appendOptions("a", (options) => options.setStreamExists(new shared.Empty())), appendEvent()])).toBe(
      "9 stream-deleted stream-name=a",
    );
    expect(await plainAppend(client, [appendOptions("a", (options) => options.setRevision("1")), appendEvent()])).toBe("at 2");
  });
});
