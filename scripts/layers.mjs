// Holds the packages to the ladder in ARCHITECTURE.md: node scripts/layers.mjs [folder]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkFileCycles } from "./layers/check-file-cycles.mjs";
import { checkImport } from "./layers/check-imports.mjs";
import { checkManifests } from "./layers/check-manifests.mjs";
import { findImports } from "./layers/find-imports.mjs";
import { readLadder } from "./layers/ladder.mjs";
import { filesUnder, TYPESCRIPT } from "./source/source-files.mjs";
import { runAsScript } from "./source/violations.mjs";
import { readManifest, readWorkspaces } from "./source/workspaces.mjs";

/** @typedef {Omit<import("./layers/check-imports.mjs").ImportScope, "workspace">} House */

/**
 * What breaks the ladder in a tree, one line each.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function checkLayers(root) {
  const all = readWorkspaces(root);
  const ladder = readLadder(readFileSync(join(root, "ARCHITECTURE.md"), "utf8"));
  const shared = Object.keys(readManifest(join(root, "package.json")).devDependencies ?? {});
  const house = { ladder, shared, workspaces: new Map(all.map((workspace) => [workspace.name, workspace])) };
  return [...checkManifests(all, ladder), ...all.flatMap((workspace) => checkSources(root, workspace, house))];
}

/**
 * @param {string} root
 * @param {import("./source/workspaces.mjs").Workspace} workspace
 * @param {House} house
 */
function checkSources(root, workspace, house) {
  const sources = importsBelow(root, `${workspace.folder}/src`);
  const tests = importsBelow(root, `${workspace.folder}/test`);
  const broken = [...sources, ...tests].flatMap(([file, imports]) =>
    imports.flatMap((found) => checkImport({ file, ...found }, { ...house, workspace })),
  );
  return [...broken, ...checkFileCycles(sources)];
}

/**
 * @param {string} root
 * @param {string} folder
 */
function importsBelow(root, folder) {
  return new Map(filesUnder(root, folder, TYPESCRIPT).map((file) => [file, findImports(file, readFileSync(join(root, file), "utf8"))]));
}

runAsScript(import.meta.url, checkLayers);
