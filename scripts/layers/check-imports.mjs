import { builtinModules } from "node:module";
import { dirname, posix } from "node:path";
import { violation } from "../source/violations.mjs";
import { titleOf } from "./ladder.mjs";

/** @typedef {import("../source/workspaces.mjs").Workspace} Workspace */

/**
 * What the rules know besides the import.
 *
 * @typedef {object} ImportScope
 * @property {Workspace} workspace whose file it is
 * @property {ReadonlyMap<string, Workspace>} workspaces by package name
 * @property {import("./ladder.mjs").Ladder} ladder
 * @property {readonly string[]} shared what the root declares for all tests
 */

/** @typedef {{ file: string, line: number, specifier: string }} PlacedImport */

/**
 * The rules that one import breaks.
 *
 * @param {PlacedImport} found
 * @param {ImportScope} scope
 * @returns {string[]}
 */
export function checkImport(found, scope) {
  const { specifier } = found;
  if (specifier.startsWith("#") || isBuiltin(specifier)) return [];
  if (specifier.startsWith(".")) return leavesPackage(found, scope.workspace);
  const name = packageNameOf(specifier);
  const target = scope.workspaces.get(name);
  const isTest = found.file.startsWith(`${scope.workspace.folder}/test/`);
  const refused = target === undefined || isTest ? [] : notAllowed(found, scope, target);
  if (refused.length > 0) return refused;
  return [...undeclared(found, scope, name, isTest), ...(target === undefined ? [] : notExported(found, target))];
}

/** @param {string} specifier */
const isBuiltin = (specifier) => specifier.startsWith("node:") || builtinModules.includes(specifier);

/** @param {string} specifier */
const packageNameOf = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/**
 * @param {PlacedImport} found
 * @param {Workspace} workspace
 */
function leavesPackage(found, workspace) {
  if (posix.join(dirname(found.file), found.specifier).startsWith(`${workspace.folder}/`)) return [];
  const wrong = `"${found.specifier}" leaves the package ${workspace.name}`;
  return [violation({ ...found, wrong, expected: "relative imports stay in the package", remedy: "import the other package by its name" })];
}

/**
 * @param {PlacedImport} found
 * @param {ImportScope} scope
 * @param {Workspace} target
 */
function notAllowed(found, { ladder, workspace }, target) {
  if (target === workspace) {
    const wrong = `${workspace.name} imports itself by its name`;
    return [violation({ ...found, wrong, expected: "relative imports within a package", remedy: "import the file" })];
  }
  const refusal = ladder.refusal(workspace.folder, target.folder);
  return refusal === undefined ? [] : [violation({ ...found, ...refusal })];
}

/**
 * @param {PlacedImport} found
 * @param {ImportScope} scope
 * @param {string} name
 * @param {boolean} isTest
 */
function undeclared(found, { workspace, shared }, name, isTest) {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = workspace.manifest;
  const declared = { ...dependencies, ...peerDependencies, ...optionalDependencies, ...(isTest ? devDependencies : {}) };
  if (name === workspace.name || name in declared || (isTest && shared.includes(name))) return [];
  const section = isTest ? "devDependencies" : "dependencies";
  const wrong = `undeclared dependency: ${name} is not declared in ${workspace.folder}/package.json`;
  const expected = `what is imported stands in "${section}"`;
  return [violation({ ...found, wrong, expected, remedy: `add "${name}" to "${section}", or do without it` })];
}

/**
 * @param {PlacedImport} found
 * @param {Workspace} target
 */
function notExported(found, target) {
  const subpath = `.${found.specifier.slice(target.name.length)}`;
  const offered = Object.keys(target.manifest.exports ?? {});
  if (offered.some((key) => isOffer(key, subpath))) return [];
  const wrong = `deep import: ${titleOf(target.folder)} does not export "${subpath}"`;
  const expected = offered.length === 0 ? "it exports nothing" : `one of ${offered.map((key) => `"${key}"`).join(", ")}`;
  return [violation({ ...found, wrong, expected, remedy: "import what its package.json#exports offers, or add it there" })];
}

/**
 * @param {string} key a key of package.json#exports, in which * stands for anything
 * @param {string} subpath
 */
function isOffer(key, subpath) {
  const [before = "", after] = key.split("*");
  return after === undefined ? key === subpath : subpath.startsWith(before) && subpath.endsWith(after);
}
