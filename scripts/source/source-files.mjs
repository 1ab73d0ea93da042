import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "coverage", ".git"]);

/**
 * The files below a folder of the tree whose names match, as sorted paths from the root, with forward slashes.
 *
 * @param {string} root
 * @param {string} folder "" is the root itself
 * @param {RegExp} names
 * @returns {string[]}
 */
export function filesUnder(root, folder, names) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : filesUnder(root, path, names);
    return entry.isFile() && names.test(entry.name) ? [path] : [];
  });
}

/** Names of TypeScript source files, declaration files included. */
export const TYPESCRIPT = /\.(ts|mts|tsx)$/;
