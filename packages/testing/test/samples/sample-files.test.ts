import { gunzipSync, gzipSync } from "node:zlib";
import { createJsonEventSerializer, type EventSerializer } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { SampleFolder } from "./folder.ts";

import { both, Deposited, deposited, filled, json, Opened, opened } from "./bank-samples.ts";
describe("a file that is none of the context's samples", () => {
  it("of a type that is not listed fails", async () => {
    expect((await filled().failure([Deposited], { update: true })).message).toContain(
      "- Opened.1.json is of the type Opened, which banking does not list. List its class",
    );
  });

  it("of a version that is newer than the class fails", async () => {
    const folder = filled();
    folder.write("Opened.2.json", { type: "Opened", schemaVersion: 2, contentType: json, data: {}, means: [] });
    expect((await folder.failure(both, { update: true })).message).toContain(
      "- Opened.2.json is of version 2, and Opened knows none newer than 1. Raise its version again.",
    );
  });

  it.each([
    ["{", "cannot be used: "],
    ["null", "it is not an object"],
    [{ schemaVersion: 1, contentType: json, data: {} }, "its type is undefined"],
    [{ type: "Opened", schemaVersion: 0, contentType: json, data: {} }, "its schemaVersion is 0"],
    [{ type: "Opened", schemaVersion: 1, data: {} }, "its contentType is undefined"],
    [{ type: "Opened", schemaVersion: 1, contentType: json }, "it has no data"],
    [
      { type: "Opened", schemaVersion: 1, contentType: json, data: {}, means: [{ type: "Opened" }] },
      "its means is not a list of { type, payload }",
    ],
    [{ type: "Deposited", schemaVersion: 1, contentType: json, data: {} }, "it holds what belongs into Deposited.1.json"],
    [{ type: "Opened", schemaVersion: 1, contentType: json, data: [] }, "cannot be read: "],
    [
      { type: "Opened", schemaVersion: 1, contentType: "text/plain", data: {} },
      "cannot be read: its data is neither { text } nor { base64 }",
    ],
  ])("that holds %j fails", async (content, problem) => {
    const folder = filled();
    folder.write("Opened.1.json", content);
    const { message } = await folder.failure(both, { samples: [opened, deposited], update: true });
    expect(message).toContain("(1):\n- Opened.1.json cannot be ");
    expect(message).toContain(problem);
  });

  it("is told with all the others, and what is sound is written all the same", async () => {
    const folder = new SampleFolder();
    folder.write("Strange.1.json", { type: "Strange", schemaVersion: 1, contentType: json, data: {} });
    folder.write("Broken.1.json", "{");
    const { message } = await folder.failure(both, { samples: [opened], update: true });
    expect(message.split("\n- ").map((line) => line.split(" ")[0])).toEqual([
      "The",
      "Broken.1.json",
      "Strange.1.json",
      "Deposited.1.json",
      "Deposited.2.json",
      "Deposited.3.json",
    ]);
    expect(folder.files).toEqual(["Broken.1.json", "Opened.1.json", "Strange.1.json"]);
  });
});

describe("a serializer of the application's", () => {
  const plain = createJsonEventSerializer([Opened]);
  const gzipping: EventSerializer = {
    async serialize(event, context) {
      const made = await plain.serialize(event, context);
      return { ...made, contentType: "application/gzip", data: gzipSync(made.data) };
    },
    deserialize: (event) => plain.deserialize(event.with({ contentType: json, data: gunzipSync(event.data) })),
  };
  const texting: EventSerializer = {
    async serialize(event, context) {
      const made = await plain.serialize(event, context);
      return { ...made, contentType: "text/x-json", data: `#${String(made.data)}` };
    },
    deserialize: (event) => plain.deserialize(event.with({ contentType: json, data: String(event.data).slice(1) })),
  };
  const encoding: EventSerializer = {
    async serialize(event, context) {
      const made = await plain.serialize(event, context);
      return { ...made, data: Buffer.from(made.data) };
    },
    deserialize: (event) => plain.deserialize(event),
  };

  it.each([
    ["bytes", gzipping, { base64: expect.any(String) }],
    ["other text", texting, { text: '#{"owner":"Ann","tags":["new"]}' }],
    ["JSON as bytes", encoding, { owner: "Ann", tags: ["new"] }],
  ])("keeps %s, which are read back, and held against what is made today", async (_, serializer, data) => {
    const folder = new SampleFolder();
    await folder.check([Opened], { samples: [opened], serializer, update: true });
    expect(folder.read("Opened.1.json")).toMatchObject({ data, means: [{ type: "Opened", payload: { owner: "Ann", tags: ["new"] } }] });
    expect((await folder.check([Opened], { samples: [opened], serializer })).checked).toHaveLength(1);
    const reshaped = new Opened({ holder: "Ann" } as never);
    expect((await folder.failure([Opened], { samples: [reshaped], serializer })).message).toContain("$.holder is new");
  });
});
