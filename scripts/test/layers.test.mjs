import { describe, expect, test } from "vitest";
import { checkLayers } from "../layers.mjs";
import { manifest, plantHouse } from "./plant-tree.mjs";

describe("the ladder", () => {
  test("a house that keeps it has nothing reported", () => {
    expect(checkLayers(plantHouse())).toEqual([]);
  });

  test("an import of an upper package is reported, and so is its declaration", () => {
    const root = plantHouse({
      "packages/messaging/package.json": manifest("messaging", { "@house/foundation": "1" }),
      "packages/messaging/src/index.ts": '// first line\nexport { transport } from "@house/foundation";\n',
    });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(
        /^packages\/messaging\/package\.json:7: forbidden dependency, upward import: messaging \(level 1\) may not see foundation \(level 3\)/,
      ),
      expect.stringMatching(
        /^packages\/messaging\/src\/index\.ts:2: upward import: messaging \(level 1\) may not see foundation \(level 3\)/,
      ),
    ]);
  });

  test("an import of a sibling is reported", () => {
    const root = plantHouse({ "packages/transport/src/index.ts": 'export { storeClock as transport } from "@house/persistence";\n' });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(
        /^packages\/transport\/src\/index\.ts:1: sideways import: transport \(level 2\) may not see its sibling persistence/,
      ),
    ]);
  });

  test.each([
    ["adapters/postgres", "@house/sqlite", "sideways import: adapters/postgres (hangs on level 2)"],
    ["adapters/postgres", "@house/foundation", "upward import: adapters/postgres (hangs on level 2)"],
    ["packages/foundation", "@house/sqlite", "upward import: foundation (level 3) may not see the adapter adapters/sqlite"],
    ["examples/bank", "@house/benchmarks", "sideways import: examples/bank (level 4)"],
  ])("%s may not see %s", (folder, target, message) => {
    const root = plantHouse({ [`${folder}/src/more.ts`]: `const more = import("${target}");\n` });

    expect(checkLayers(root)).toContainEqual(expect.stringMatching(new RegExp(`^${folder}/src/more.ts:1: ${escaped(message)}`)));
  });

  test.each([
    ["a type", 'import type { Clock } from "@house/foundation";'],
    ["a type in place", 'export type Clock = import("@house/foundation").Clock;'],
    ["a re-export", 'export * from "@house/foundation";'],
    ["a dynamic import", "const foundation = await import(`@house/foundation`);"],
    ["an old import", 'import foundation = require("@house/foundation");'],
  ])("%s is an import too", (_what, source) => {
    const root = plantHouse({ "packages/core/src/more.ts": `${source}\n` });

    expect(checkLayers(root)).toContainEqual(expect.stringMatching(/^packages\/core\/src\/more\.ts:1: upward import/));
  });

  test("an import in a comment or a string is none", () => {
    const root = plantHouse({
      "packages/core/src/more.ts": '// import "@house/foundation";\nexport const text = \'import "@house/foundation"\';\n',
    });

    expect(checkLayers(root)).toEqual([]);
  });

  test("a workspace that stands nowhere is reported", () => {
    const root = plantHouse({ "packages/stray/package.json": manifest("stray") });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(/^packages\/stray\/package\.json:2: packages\/stray is missing on the ladder/),
    ]);
  });

  test("a line that is not understood stops the check", () => {
    const root = plantHouse({ "ARCHITECTURE.md": "```ladder\nthe core is below\n```\n" });

    expect(() => checkLayers(root)).toThrow('the ladder\'s line "the core is below" is not understood');
  });
});

describe("what is declared", () => {
  test("an import of an undeclared dependency is reported", () => {
    const root = plantHouse({ "packages/foundation/src/index.ts": 'export { clock } from "@house/core";\nimport "left-pad/deep";\n' });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(/^packages\/foundation\/src\/index\.ts:1: undeclared dependency: @house\/core/),
      expect.stringMatching(/^packages\/foundation\/src\/index\.ts:2: undeclared dependency: left-pad is not/),
    ]);
  });

  test("a development dependency is for tests only", () => {
    const root = plantHouse({
      "packages/core/package.json": JSON.stringify({
        name: "@house/core",
        exports: { ".": "" },
        devDependencies: { "fast-check": "4", "@house/foundation": "1" },
      }),
      "packages/core/src/clock.ts": 'import "fast-check";\nexport const clock = 1;\n',
      "packages/core/test/more.test.ts": 'import "fast-check";\nimport "@house/foundation";\nimport "left-pad";\n',
    });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(/^packages\/core\/src\/clock\.ts:1: undeclared dependency: fast-check .*"dependencies"/),
      expect.stringMatching(/^packages\/core\/test\/more\.test\.ts:3: undeclared dependency: left-pad .*"devDependencies"/),
    ]);
  });

  test("a file that a package does not export is reported", () => {
    const root = plantHouse({ "packages/foundation/src/more.ts": 'import "@house/persistence/src/index.ts";\n' });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(
        /more\.ts:1: deep import: persistence does not export ".\/src\/index.ts"; expected: one of ".", ".\/in-memory"/,
      ),
    ]);
  });

  test("a relative import that leaves the package is reported", () => {
    const root = plantHouse({ "packages/messaging/src/more.ts": 'import "../../core/src/clock.ts";\n' });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(/^packages\/messaging\/src\/more\.ts:1: "..\/..\/core\/src\/clock.ts" leaves the package/),
    ]);
  });

  test("a lower package depends on nothing from outside that the ladder does not name", () => {
    const root = plantHouse({ "packages/core/package.json": manifest("core", { "left-pad": "1" }) });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(/^packages\/core\/package\.json:7: @house\/core depends on left-pad from outside/),
    ]);
  });

  test("the library of an outside system belongs to one adapter, and to the benchmarks", () => {
    const root = plantHouse({
      "adapters/postgres/package.json": manifest("postgres", { "sqlite-library": "1" }),
      "examples/bank/package.json": manifest("bank", { "@house/foundation": "1", "@house/sqlite": "1", "sqlite-library": "1" }),
    });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(/^adapters\/sqlite\/package\.json:8: sqlite-library is declared by adapters\/sqlite and by adapters\/postgres/),
      expect.stringMatching(/^examples\/bank\/package\.json:9: sqlite-library is declared by examples\/bank and by adapters\/postgres/),
    ]);
  });
});

describe("cycles", () => {
  test("a cycle between files is reported with its path", () => {
    const root = plantHouse({
      "packages/core/src/clock.ts": 'import type { A } from "./a.ts";\nexport const clock = 1;\n',
      "packages/core/src/a.ts": '\nimport "./deep/b.ts";\nexport type A = 1;\n',
      "packages/core/src/deep/b.ts": 'export { clock } from "../clock.ts";\n',
    });

    expect(checkLayers(root)).toEqual([
      expect.stringMatching(
        /^packages\/core\/src\/a\.ts:2: file cycle: packages\/core\/src\/a\.ts -> packages\/core\/src\/deep\/b\.ts -> packages\/core\/src\/clock\.ts -> packages\/core\/src\/a\.ts;/,
      ),
    ]);
  });

  test("a cycle between packages is reported with its path", () => {
    const root = plantHouse({ "packages/core/package.json": manifest("core", { "@house/messaging": "1" }) });

    expect(checkLayers(root)).toContainEqual(
      expect.stringMatching(/^packages\/core\/package\.json:7: package cycle: @house\/core -> @house\/messaging -> @house\/core;/),
    );
  });
});

/** @param {string} text */
const escaped = (text) => text.replace(/[()[\].*+?]/g, "\\$&");
