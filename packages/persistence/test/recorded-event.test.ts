import { inspect } from "node:util";
import { position, version } from "@reactive-domain/core";
import { recordedEvent, type RecordedEventFields } from "@reactive-domain/persistence";
import { describe, expect, it } from "vitest";

const fields: RecordedEventFields = {
  stream: "a-1",
  version: version(2),
  position: position(9),
  time: new Date(1000),
  id: "019b76da-a800-7000-8000-000000000000",
  type: "Noted",
  schemaVersion: 1,
  contentType: "application/json",
  data: '{"x":1}',
  metadata: "{}",
};

describe("a recorded event", () => {
  it("with other content is another event at the same place, and the first stays as it was", () => {
    const event = recordedEvent(fields);
    const changed = event.with({ data: "other", contentType: "text/plain" });
    expect(changed.toJSON()).toEqual({ ...fields, data: "other", contentType: "text/plain" });
    expect(event.toJSON()).toEqual(fields);
  });

  it("shows its fields to logs", () => {
    expect(JSON.parse(JSON.stringify(recordedEvent(fields)))).toEqual({ ...fields, time: "1970-01-01T00:00:01.000Z" });
    expect(inspect(recordedEvent(fields))).toContain("stream: 'a-1'");
  });
});
