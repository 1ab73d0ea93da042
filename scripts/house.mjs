// Holds the sources and the lock file to the rules of the house: node scripts/house.mjs [folder]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkLock } from "./house/check-lock.mjs";
import { checkSource } from "./house/check-source.mjs";
import { filesUnder, TYPESCRIPT } from "./source/source-files.mjs";
import { runAsScript } from "./source/violations.mjs";
import { readWorkspaces } from "./source/workspaces.mjs";

/**
 * The house rules that a tree breaks, one line each.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function checkHouse(root) {
  const files = readWorkspaces(root).flatMap(({ folder }) => filesUnder(root, `${folder}/src`, TYPESCRIPT));
  return [...files.flatMap((file) => checkSource(file, readFileSync(join(root, file), "utf8"))), ...checkLock(root)];
}

runAsScript(import.meta.url, checkHouse);
