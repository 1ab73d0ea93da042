import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { boundedContext, createJsonEventSerializer, Event, InvalidArgument, type EventSerializer } from "@reactive-domain/foundation";
import { checkSamples } from "@reactive-domain/testing";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { SampleFolder } from "./folder.ts";

import { both, Deposited, deposited, filled, json, Opened, opened } from "./bank-samples.ts";
describe("golden samples that are as they should be", () => {
  it("pass, for every class and every version with a way up, and nothing is written", async () => {
    const folder = filled();
    const before = folder.files.map((file) => folder.read(file));
    const report = await folder.check(both, { samples: [opened, deposited] });
    expect(report.written).toEqual([]);
    expect(report.checked.map(({ file }) => file).toSorted()).toEqual([
      "Deposited.1.json",
      "Deposited.2.json",
      "Deposited.3.json",
      "Opened.1.json",
    ]);
    expect(report.checked).toContainEqual({ type: "Deposited", schemaVersion: 2, file: "Deposited.2.json" });
    expect(await folder.check(both, { samples: [opened, deposited], update: true })).toEqual(report);
    expect(folder.files.map((file) => folder.read(file))).toEqual(before);
  });

  it("pass without events to compare with", async () => {
    expect((await filled().check(both)).checked).toHaveLength(4);
  });

  it("share their folder with files of other kinds", async () => {
    const folder = filled();
    folder.write("README.md", "What lies here.");
    expect((await folder.check(both)).checked).toHaveLength(4);
  });
});

describe("a sample that is missing", () => {
  it("of the current version is asked for, and written by an update", async () => {
    const folder = new SampleFolder();
    expect((await folder.failure([Opened], { samples: [opened] })).message).toBe(
      "The golden samples of banking are not as they should be (1):\n- Opened.1.json is missing. Run once with update.",
    );
    expect((await folder.failure([Opened], { update: true })).message).toContain("Opened.1.json is missing.");
    expect(folder.files).toEqual([]);
    expect(await folder.check([Opened], { samples: [opened], update: true })).toEqual({
      checked: [{ type: "Opened", schemaVersion: 1, file: "Opened.1.json" }],
      written: ["Opened.1.json"],
    });
    expect(folder.read("Opened.1.json")).toEqual({
      type: "Opened",
      schemaVersion: 1,
      contentType: json,
      data: { owner: "Ann", tags: ["new"] },
      means: [{ type: "Opened", payload: { owner: "Ann", tags: ["new"] } }],
    });
    expect((await folder.check([Opened], { samples: [opened] })).written).toEqual([]);
  });

  it("of an older version is asked for, and is never made up", async () => {
    const folder = new SampleFolder();
    const { message } = await folder.failure([Deposited], { samples: [deposited], update: true });
    expect(message).toContain(
      "(2):\n- Deposited.1.json is missing, and version 1 has an upcaster. Put a stored event of it there, as { type, schemaVersion, contentType, data }, and run once with update.\n- Deposited.2.json is missing",
    );
    expect(folder.files).toEqual(["Deposited.3.json"]);
  });

  it("is read from a folder that is not there, and the folder is made", async () => {
    const folder = join(new SampleFolder().path, "a", "b");
    const context = boundedContext("banking", { aggregates: [], events: [Opened] });
    await expect(checkSamples(context, { folder })).rejects.toThrow("Opened.1.json is missing");
    expect((await checkSamples(context, { folder, samples: [opened], update: true })).written).toEqual(["Opened.1.json"]);
  });

  it("of a type that is no name of a file is found again", async () => {
    class Odd extends Event("bank/Odd Name")<{ a: number }> {}
    const folder = new SampleFolder();
    const samples = [new Odd({ a: 1 })];
    expect((await folder.check([Odd], { samples, update: true })).written).toEqual(["bank%2FOdd%20Name.1.json"]);
    expect((await folder.check([Odd], { samples })).checked).toHaveLength(1);
  });

  it("cannot be made of an event that could not be saved", async () => {
    const folder = new SampleFolder();
    const samples = [new Opened({ owner: "Ann", tags: [Number.NaN as never] })];
    expect((await folder.failure([Opened], { samples, update: true })).message).toContain(
      "Opened.1.json cannot be made of the Opened in samples: ",
    );
    expect(folder.files).toEqual([]);
  });
});

describe("an event that is read differently than it was", () => {
  const changed = (upcaster: (old: { sum: number }) => object | readonly object[]) =>
    class extends Event("Deposited", { version: 3, upcasters: { 1: (old: { sum: string }) => ({ sum: Number(old.sum) }), 2: upcaster } })<{
      amount: number;
    }> {};

  it.each([
    ["another value", (old: { sum: number }) => ({ amount: old.sum * 100 }), [{ type: "Deposited", payload: { amount: 500 } }]],
    ["nothing", () => [], []],
    [
      "two events",
      () => [{ amount: 2 }, { amount: 3 }],
      [
        { type: "Deposited", payload: { amount: 2 } },
        { type: "Deposited", payload: { amount: 3 } },
      ],
    ],
    ["another event", () => new Opened({ owner: "Ann", tags: [] }), [{ type: "Opened", payload: { owner: "Ann", tags: [] } }]],
  ])("fails, as %s, until an update accepts it; the stored data stays", async (_, upcaster, means) => {
    const folder = filled();
    const events = [Opened, changed(upcaster)];
    const error = await folder.failure(events);
    expect(error.message).toContain(
      `Deposited.2.json meant [{"type":"Deposited","payload":{"amount":5}}], and means ${JSON.stringify(means)} now. Mend the upcaster; where it is meant, run once with update.`,
    );
    expect(error).toMatchObject({
      operator: "checkSamples",
      actual: { "Deposited.2.json": means },
      expected: { "Deposited.2.json": [{ payload: { amount: 5 } }] },
    });
    expect((await folder.check(events, { update: true })).written).toEqual(["Deposited.1.json", "Deposited.2.json"]);
    expect(folder.read("Deposited.2.json")).toEqual({ type: "Deposited", schemaVersion: 2, contentType: json, data: { sum: 5 }, means });
    expect((await folder.check(events)).written).toEqual([]);
  });

  it("fails where the upcaster is gone or throws, also with an update", async () => {
    const folder = filled();
    const gone = class extends Event("Deposited", { version: 3, upcasters: { 2: (old: { sum: number }) => ({ amount: old.sum }) } })<{
      amount: number;
    }> {};
    for (const update of [false, true])
      expect((await folder.failure([Opened, gone], { update })).message).toContain("- Deposited.1.json cannot be read: ");
    const throwing = changed(() => {
      throw new RangeError("Too far.");
    });
    expect((await folder.failure([Opened, throwing], { update: true })).message).toContain("Too far.");
    expect(folder.read("Deposited.2.json")).toMatchObject({ means: [{ payload: { amount: 5 } }] });
  });

  it("fails where an upcaster makes what JSON does not hold, or what the schema does not take", async () => {
    const folder = filled();
    expect((await folder.failure([Opened, changed(() => ({ amount: Number.NaN }))], { update: true })).message).toContain(
      "Deposited.2.json is read as Deposited with what JSON does not hold: $.amount is NaN",
    );
    expect(folder.read("Deposited.2.json")).toMatchObject({ means: [{ payload: { amount: 5 } }] });
    const strict = class extends Event("Deposited", {
      version: 3,
      schema: v.object({ amount: v.pipe(v.number(), v.maxValue(4)) }),
      upcasters: { 1: (old: { sum: string }) => ({ sum: Number(old.sum) }), 2: (old: { sum: number }) => ({ amount: old.sum }) },
    }) {};
    const { message } = await folder.failure([Opened, strict], { update: true });
    for (const version of [1, 2, 3])
      expect(message).toContain(`- Deposited.${version}.json is read as what does not fit the schema of Deposited: `);
  });

  it("that was put there by hand gets its meaning by an update", async () => {
    const folder = filled();
    folder.write("Deposited.2.json", { type: "Deposited", schemaVersion: 2, contentType: json, data: { sum: 7 } });
    expect((await folder.failure(both)).message).toContain(
      "- Deposited.2.json does not say what it means. Run once with update, and look at what it writes.",
    );
    expect((await folder.check(both, { update: true })).written).toEqual(["Deposited.2.json"]);
    expect(folder.read("Deposited.2.json")).toMatchObject({ data: { sum: 7 }, means: [{ type: "Deposited", payload: { amount: 7 } }] });
  });
});

describe("a check of samples", () => {
  const context = boundedContext("banking", { aggregates: [], events: [Opened] });

  it.each([
    ["folder", { folder: 5 }],
    ["folder", { folder: " " }],
    ["folder", { folder: undefined }],
    ["folder", { folder: new URL("https://localhost/samples") }],
    ["update", { update: "1" }],
    ["samples", { samples: opened }],
    ["samples", { samples: null }],
    ["serializer", { serializer: null }],
    ["serializer", { serializer: { serialize: () => opened } }],
    ["The options to check the samples of banking", { sample: [opened] }],
  ])("is refused for a %s that is none: %j", async (argument, options) => {
    const folder = new SampleFolder();
    const refused: unknown = await checkSamples(context, { folder: folder.path, ...options } as never).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidArgument);
    expect(refused).toMatchObject({ details: { argument } });
    expect(folder.files).toEqual([]);
  });

  it("is refused for what is no context, and for no options", async () => {
    await expect(checkSamples(null as never, { folder: "." })).rejects.toBeInstanceOf(InvalidArgument);
    await expect(checkSamples({ events: [Opened] } as never, { folder: "." })).rejects.toBeInstanceOf(InvalidArgument);
    await expect(checkSamples(context, null as never)).rejects.toBeInstanceOf(InvalidArgument);
  });

  it("takes the folder as a URL", async () => {
    const folder = new SampleFolder();
    await checkSamples(context, { folder: pathToFileURL(folder.path), samples: [opened], update: true });
    expect(folder.files).toEqual(["Opened.1.json"]);
  });

  it("tells of a serializer that does not read what is stored now, and gives no advice for other events", async () => {
    const inner = createJsonEventSerializer([Opened]);
    const broken: EventSerializer = {
      serialize: (event, where) => inner.serialize(event, where),
      deserialize: () => {
        throw new RangeError("No key.");
      },
    };
    const empty = new SampleFolder();
    expect((await empty.failure([Opened], { samples: [opened], serializer: broken })).message).toContain(
      "Opened.1.json is missing. Run once with update.",
    );
    expect((await empty.failure([Opened], { samples: [opened], serializer: broken, update: true })).message).toContain(
      "Opened.1.json cannot be made of the Opened in samples: No key.",
    );
    const { message } = await filled().failure(both, { serializer: broken });
    expect(message).toContain(
      "Opened.1.json cannot be read: No key. Stores hold such events: mend the file, or the serializer that reads them.",
    );
    expect(message).toContain(
      "Deposited.1.json cannot be read: No key. Stores hold such events: give the class an upcaster that takes them.",
    );
  });

  it("is refused for a context without events, which would pass on nothing", async () => {
    await expect(new SampleFolder().check([])).rejects.toBeInstanceOf(InvalidArgument);
  });

  it("is refused for events that the context does not list, for two of a class, and for what is no event", async () => {
    const folder = filled();
    await expect(folder.check([Deposited], { samples: [opened] })).rejects.toBeInstanceOf(InvalidArgument);
    await expect(folder.check(both, { samples: [opened, new Opened({ owner: "B", tags: [] })] })).rejects.toBeInstanceOf(InvalidArgument);
    await expect(folder.check(both, { samples: [{ owner: "B" } as never] })).rejects.toBeInstanceOf(InvalidArgument);
    class Deeper extends Opened {}
    await expect(folder.check(both, { samples: [new Deeper({ owner: "B", tags: [] })] })).rejects.toBeInstanceOf(InvalidArgument);
  });
});
