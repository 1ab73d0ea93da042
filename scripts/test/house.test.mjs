import { describe, expect, test } from "vitest";
import { checkHouse } from "../house.mjs";
import { plantHouse } from "./plant-tree.mjs";

const FILE = "packages/messaging/src/more.ts";

describe("sources", () => {
  test("a house that keeps the rules has nothing reported", () => {
    expect(checkHouse(plantHouse())).toEqual([]);
  });

  test.each([
    ["const now = Date.now();", "`Date.now()` outside core's runtime"],
    ["const now = new Date();", "`new Date()` outside core's runtime"],
    ["const dice = Math.random();", "`Math.random()` outside core's runtime"],
    ["const start = globalThis.performance.now();", "`performance.now()` outside core's runtime"],
    ["setTimeout(() => {}, 1);", "`setTimeout()` outside core's runtime"],
    ["globalThis.setImmediate(() => {});", "`setImmediate()` outside core's runtime"],
    ["setInterval(() => {}, 1);", "`setInterval()` outside core's runtime"],
    ['import { setTimeout as wait } from "node:timers/promises";', "`node:timers` outside core's runtime"],
    ["const id = crypto.randomUUID();", "`crypto.randomUUID()` outside core's runtime"],
    ['export * from "./other.ts";', "`export *`"],
    ["export const loose: any = 1;", "`any`"],
    ["export const loose = 1 as any;", "`any`"],
    ['export const lie = 1 as unknown as "one";', "`as unknown as`"],
    ["export enum Colour { red }", "an `enum`"],
    ["export namespace Colours { export const red = 1; }", "a `namespace`"],
  ])("%s is reported", (source, wrong) => {
    const root = plantHouse({ [FILE]: `\n${source}\n` });

    expect(checkHouse(root)).toEqual([expect.stringContaining(`${FILE}:2: ${wrong}`)]);
  });

  test.each([
    "const day = new Date(0);",
    "// Date.now() and any enum",
    'const text = "Math.random() as any";',
    "scheduler.setTimeout(() => {}, 1);",
    "declare global { var clock: number }",
    "const loose: any = 1; // house: a mixin's constructor needs it",
  ])("%s passes", (source) => {
    expect(checkHouse(plantHouse({ [FILE]: `${source}\n` }))).toEqual([]);
  });

  test("core's runtime and the benchmarks may use the machine's clock, but not `any`", () => {
    const source = "export const now: any = Date.now();\n";
    const root = plantHouse({ "packages/core/src/runtime/now.ts": source, "benchmarks/src/now.ts": source });

    expect(checkHouse(root)).toEqual([
      expect.stringContaining("benchmarks/src/now.ts:1: `any`"),
      expect.stringContaining("runtime/now.ts:1: `any`"),
    ]);
  });

  test("a file of 250 lines passes and one of 251 is reported", () => {
    const root = plantHouse({ [FILE]: "\n".repeat(250), "packages/core/src/long.ts": "\n".repeat(251) });

    expect(checkHouse(root)).toEqual([expect.stringMatching(/^packages\/core\/src\/long\.ts:251: the file has 251 lines/)]);
  });
});

test("a registry's address in the lock file or in .npmrc is reported", () => {
  const root = plantHouse({
    "package-lock.json": '{\n  "resolved": "packages/core",\n  "resolved": "http://10.0.0.1/vitest.tgz"\n}\n',
    ".npmrc": "fund=false\nregistry=https://registry.example.org/\n",
  });

  expect(checkHouse(root)).toEqual([
    expect.stringMatching(/^package-lock\.json:3: a registry's address/),
    expect.stringMatching(/^\.npmrc:2: a registry's address/),
  ]);
});

test("a registry's address in the lock file or the .npmrc of what is installed apart is reported", () => {
  const root = plantHouse({
    "benchmarks/rivals/other/package-lock.json": '{\n  "resolved": "https://registry.example.org/other.tgz"\n}\n',
    "benchmarks/rivals/other/.npmrc": "//registry.example.org/:_authToken=secret\n",
    "benchmarks/rivals/other/node_modules/more/package-lock.json": '{ "resolved": "https://registry.example.org/more.tgz" }\n',
  });

  expect(checkHouse(root)).toEqual([
    expect.stringMatching(/^benchmarks\/rivals\/other\/package-lock\.json:2: a registry's address/),
    expect.stringMatching(/^benchmarks\/rivals\/other\/\.npmrc:1: a registry's address/),
  ]);
});
