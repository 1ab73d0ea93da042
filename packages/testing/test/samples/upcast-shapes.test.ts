import { Event } from "@reactive-domain/foundation";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { json } from "./bank-samples.ts";
import { SampleFolder } from "./folder.ts";

type Upcaster = (old: { b: string }) => object | readonly object[];

/** A folder with a sample of version 1 that waits for its meaning. */
function folderOf(data: object = { b: "x" }): SampleFolder {
  const folder = new SampleFolder();
  folder.write("Copied.1.json", { type: "Copied", schemaVersion: 1, contentType: json, data });
  return folder;
}

/** `Copied` with an upcaster to its second version. */
const copied = (upcaster: Upcaster) => class extends Event("Copied", { version: 2, upcasters: { 1: upcaster } })<object> {};

const HEAD = "(1):\n- Copied.1.json is read as Copied in another shape than that has today: ";

describe("an older event that is read in another shape than that of today", () => {
  const wrong: readonly (readonly [string, Upcaster, object, string])[] = [
    ["another name", (old) => ({ b: old.b }), { a: "x" }, "$.a is missing, $.b is not there today"],
    ["nothing in it", () => ({}), { a: "x" }, "$.a is missing"],
    ["a field that was left in", (old) => ({ ...old, a: old.b }), { a: "x" }, "$.b is not there today"],
    ["another kind", (old) => ({ a: old.b.length }), { a: "x" }, "$.a is number and not string"],
    ["a list for one", (old) => ({ a: [old.b] }), { a: "x" }, "$.a is array and not string, $.a[] is not there today"],
    ["something deep", (old) => ({ a: { c: old.b } }), { a: { d: "x" } }, "$.a.d is missing, $.a.c is not there today"],
    ["elements", (old) => ({ a: [{ c: old.b }] }), { a: [{ c: 1 }] }, "$.a[].c is string and not number"],
    ["the second of two", (old) => [{ a: old.b }, { b: old.b }], { a: "x" }, "$.a is missing, $.b is not there today"],
  ];

  it.each(wrong)("fails, also with an update: %s", async (_, upcaster, today, differences) => {
    const folder = folderOf();
    const Copied = copied(upcaster);
    const samples = [new Copied(today)];
    const { message } = await folder.failure([Copied], { samples, update: true });
    expect(message).toContain(
      `${HEAD}${differences}. Mend the upcaster: what it cannot know it makes null, or undefined where the field may be missing.`,
    );
    expect(folder.read("Copied.1.json")).not.toHaveProperty("means");
    // The sample that was written is as good as the event.
    expect((await folder.failure([Copied], { update: true })).message).toContain(`${HEAD}${differences}.`);
  });

  const right: readonly (readonly [string, Upcaster, object])[] = [
    ["the same", (old) => ({ a: old.b }), { a: "x" }],
    ["null for what it does not know", () => ({ a: null }), { a: "x" }],
    ["null for an object", () => ({ a: null }), { a: { c: "x" } }],
    ["null in the sample of today", (old) => ({ a: old.b }), { a: null }],
    ["undefined for what may be missing", (old) => ({ a: old.b, c: undefined }), { a: "x", c: { d: "y" } }],
    ["undefined for what is not there today", (old) => ({ a: old.b, c: undefined }), { a: "x" }],
    ["no elements", () => ({ a: [] }), { a: [{ c: 1 }] }],
    ["no elements today", () => ({ a: [{ c: 1 }] }), { a: [] }],
    ["some of several kinds", (old) => ({ a: [old.b] }), { a: ["x", 1] }],
    ["nothing at all", () => [], { a: "x" }],
  ];

  it.each(right)("passes with %s", async (_, upcaster, today) => {
    const folder = folderOf();
    const Copied = copied(upcaster);
    const samples = [new Copied(today)];
    expect((await folder.check([Copied], { samples, update: true })).written).toEqual(["Copied.1.json", "Copied.2.json"]);
    expect((await folder.check([Copied], { samples })).checked).toHaveLength(2);
  });

  it("is held against the class that it becomes", async () => {
    const folder = folderOf();
    class Moved extends Event("Moved")<{ a: string }> {}
    const events = [copied((old) => new Moved({ b: old.b } as never)), Moved];
    const { message } = await folder.failure(events, { samples: [new Moved({ a: "x" })], update: true });
    expect(message).toContain(
      "- Copied.1.json is read as Moved in another shape than that has today: $.a is missing, $.b is not there today.",
    );
  });

  it("is told by a schema, where there is one: it knows what may be missing", async () => {
    const folder = folderOf();
    class Copied extends Event("Copied", {
      version: 2,
      schema: v.object({ a: v.string(), c: v.optional(v.string()) }),
      upcasters: { 1: (old: { b: string }) => ({ a: old.b }) },
    }) {}
    const samples = [new Copied({ a: "x", c: "y" })];
    expect((await folder.check([Copied], { samples, update: true })).written).toEqual(["Copied.1.json", "Copied.2.json"]);
  });
});
