import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/**
 * Writes files into a temporary folder that goes away with the test.
 *
 * @param {Record<string, string>} files text by path
 * @returns {string} the folder
 */
export function plantTree(files) {
  const root = mkdtempSync(join(tmpdir(), "tree-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/**
 * A small house that keeps all rules: core, messaging, two ports, foundation, two adapters and an example; `changes` replace or add files.
 *
 * @param {Record<string, string>} [changes]
 * @returns {string} its folder
 */
export function plantHouse(changes = {}) {
  return plantTree({
    "package.json": JSON.stringify({
      name: "house",
      workspaces: ["packages/*", "adapters/*", "examples/*", "benchmarks"],
      devDependencies: { vitest: "4" },
    }),
    "ARCHITECTURE.md": ["# Architecture", "", "```ladder", ...LADDER, "```", ""].join("\n"),
    "packages/core/package.json": manifest("core"),
    "packages/core/src/index.ts": 'export { clock } from "./clock.ts";\n',
    "packages/core/src/clock.ts": 'import { hrtime } from "node:process";\n\nexport const clock = hrtime;\n',
    "packages/core/test/clock.test.ts": 'import { test } from "vitest";\nimport { clock } from "../src/clock.ts";\ntest("runs", clock);\n',
    "packages/messaging/package.json": manifest("messaging", { "@house/core": "1", "@standard-schema/spec": "1" }),
    "packages/messaging/src/index.ts": 'import type { clock } from "@house/core";\n\nexport type Clock = typeof clock;\n',
    "packages/persistence/package.json": manifest(
      "persistence",
      { "@house/core": "1" },
      { ".": "./src/index.ts", "./in-memory": "./src/index.ts" },
    ),
    "packages/persistence/src/index.ts": 'export { clock as storeClock } from "@house/core";\n',
    "packages/transport/package.json": manifest("transport", { "@house/core": "1" }),
    "packages/transport/src/index.ts": "export const transport = 1;\n",
    "packages/foundation/package.json": manifest("foundation", { "@house/persistence": "1", "@house/transport": "1" }),
    "packages/foundation/src/index.ts":
      'export { storeClock } from "@house/persistence/in-memory";\nexport { transport } from "@house/transport";\n',
    "adapters/sqlite/package.json": manifest("sqlite", { "@house/persistence": "1", "sqlite-library": "1" }),
    "adapters/sqlite/src/index.ts": 'import "sqlite-library";\nexport { storeClock } from "@house/persistence";\n',
    "adapters/postgres/package.json": manifest("postgres", { "@house/persistence": "1" }),
    "adapters/postgres/src/index.ts": "export const postgres = 1;\n",
    "examples/bank/package.json": manifest("bank", { "@house/foundation": "1", "@house/sqlite": "1" }),
    "examples/bank/src/main.ts": 'import "@house/foundation";\nimport "@house/sqlite";\n',
    "benchmarks/package.json": manifest("benchmarks", { "@house/bank": "1", "sqlite-library": "1" }),
    "benchmarks/src/main.ts": 'import "@house/bank";\nimport "sqlite-library";\n',
    ...changes,
  });
}

const LADDER = [
  "4  examples/* | benchmarks   # the top",
  "3  foundation",
  "2  persistence | transport",
  "1  messaging",
  "0  core",
  "",
  "adapters/*  hang on 2, seen by 4",
  "benchmarks  may see examples/*",
  "levels 0 to 3  depend on @standard-schema/spec and nothing else from outside",
];

/**
 * The text of a package.json of the small house.
 *
 * @param {string} name
 * @param {Record<string, string>} [dependencies]
 * @param {Record<string, string>} [exports]
 * @returns {string}
 */
export function manifest(name, dependencies = {}, exports = { ".": "./src/index.ts" }) {
  return JSON.stringify({ name: `@house/${name}`, exports, dependencies }, null, 2);
}
