import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The fields of a package.json that the checks read.
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {boolean} [private]
 * @property {string[]} [workspaces]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/**
 * A workspace: a package of this repository.
 *
 * @typedef {object} Workspace
 * @property {string} folder from the root
 * @property {string} name the package's name
 * @property {Manifest} manifest
 * @property {string} manifestText
 */

/**
 * @param {string} root
 * @returns {Workspace[]} sorted by folder
 */
export function readWorkspaces(root) {
  const patterns = readManifest(join(root, "package.json")).workspaces ?? [];
  const folders = patterns.flatMap((pattern) => foldersOf(root, pattern)).toSorted();
  return folders.map((folder) => {
    const manifestText = readFileSync(join(root, folder, "package.json"), "utf8");
    /** @type {Manifest} */
    const manifest = JSON.parse(manifestText);
    return { folder, name: manifest.name, manifest, manifestText };
  });
}

/**
 * @param {string} path
 * @returns {Manifest}
 */
export function readManifest(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * @param {string} root
 * @param {string} pattern a folder, or "folder/*"
 */
function foldersOf(root, pattern) {
  const parent = pattern.endsWith("/*") ? pattern.slice(0, -2) : undefined;
  if (parent !== undefined && !existsSync(join(root, parent))) return [];
  const folders = parent === undefined ? [pattern] : readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  return folders.filter((folder) => existsSync(join(root, folder, "package.json")));
}
