import { Event } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

import { both, Deposited, deposited, filled, json, Opened } from "./bank-samples.ts";
describe("an event of another shape without a new version", () => {
  const Plain = Event("Opened");
  const shapes: readonly (readonly [string, object, string])[] = [
    ["a renamed field", { holder: "Ann", tags: ["new"] }, "$.owner is gone, $.holder is new"],
    ["a further field", { owner: "Ann", tags: ["new"], age: 5 }, "$.age is new"],
    ["a missing field", { owner: "Ann" }, "$.tags is gone, $.tags[] is gone"],
    ["another kind", { owner: 5, tags: ["new"] }, "$.owner was string and is number"],
    ["null", { owner: null, tags: ["new"] }, "$.owner was string and is null"],
    ["other elements", { owner: "Ann", tags: [{ name: "new" }] }, "$.tags[] was string and is object, $.tags[].name is new"],
    [
      "an object for a list",
      { owner: "Ann", tags: { first: "new" } },
      "$.tags was array and is object, $.tags[] is gone, $.tags.first is new",
    ],
  ];

  it.each(shapes)("fails: %s", async (_, payload, differences) => {
    const folder = filled();
    class Reshaped extends Plain<object> {}
    const options = { samples: [new Reshaped(payload), deposited] };
    const { message } = await folder.failure([Reshaped, Deposited], options);
    expect(message).toBe(
      `The golden samples of banking are not as they should be (1):\n- Opened.1.json has another shape than the Opened in samples: ${differences}. Raise the version to 2, with an upcaster from 1.`,
    );
    const before = folder.read("Opened.1.json");
    expect((await folder.failure([Reshaped, Deposited], { ...options, update: true })).message).toBe(message);
    expect(folder.read("Opened.1.json")).toEqual(before);
  });

  it("has no meaning accepted by an update", async () => {
    const folder = filled();
    const kept = { type: "Opened", schemaVersion: 1, contentType: json, data: { owner: "Ann", tags: ["new"] } };
    folder.write("Opened.1.json", kept);
    const samples = [new Opened({ holder: "Ann" } as never)];
    expect((await folder.failure(both, { samples, update: true })).message).toContain("(1):\n- Opened.1.json has another shape");
    expect(folder.read("Opened.1.json")).toEqual(kept);
  });

  it("is no event of an older version, which its upcaster has filled up", async () => {
    const folder = filled();
    class Noted extends Event("Opened", { version: 2, upcasters: { 1: (old: object) => ({ ...old, note: null }) } })<{
      owner: string;
      tags: readonly string[];
      note: string | null;
    }> {}
    const samples = [new Noted({ owner: "Ann", tags: ["new"], note: "hello" }), deposited];
    expect((await folder.check([Noted, Deposited], { samples, update: true })).written).toEqual(["Opened.1.json", "Opened.2.json"]);
    expect((await folder.check([Noted, Deposited], { samples })).checked).toHaveLength(5);
  });

  it("is none with other values, more elements, or no elements", async () => {
    const folder = filled();
    for (const payload of [
      { owner: "Ben", tags: ["a", "b"] },
      { owner: "", tags: [] },
    ]) {
      const report = await folder.check(both, { samples: [new Opened(payload), deposited], update: true });
      expect(report.written).toEqual([]);
    }
  });

  it("passes with a new version and its upcaster, and the old sample is held to its meaning", async () => {
    const folder = filled();
    class Renamed extends Event("Opened", {
      version: 2,
      upcasters: { 1: ({ owner, tags }: { owner: string; tags: readonly string[] }) => ({ holder: owner, tags }) },
    })<{ holder: string; tags: readonly string[] }> {}
    const samples = [new Renamed({ holder: "Ann", tags: ["new"] }), deposited];
    const { message } = await folder.failure([Renamed, Deposited], { samples });
    expect(message).toContain("(2):\n- Opened.1.json meant [");
    expect(message).toContain("- Opened.2.json is missing.");
    expect((await folder.check([Renamed, Deposited], { samples, update: true })).written).toEqual(["Opened.1.json", "Opened.2.json"]);
    expect(folder.read("Opened.1.json")).toMatchObject({
      schemaVersion: 1,
      data: { owner: "Ann" },
      means: [{ payload: { holder: "Ann" } }],
    });
  });
});
