import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesUnder } from "../source/source-files.mjs";
import { violation } from "../source/violations.mjs";

const EXPECTED = "the repository names no registry";

/** What lies here is installed apart from the workspaces, with lock files and settings of its own. */
const INSTALLED_APART = "benchmarks/rivals";

/**
 * Registries that a lock file or .npmrc ties the repository to.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function checkLock(root) {
  const locks = ["package-lock.json", ...filesUnder(root, INSTALLED_APART, /^package-lock\.json$/)];
  const settings = [".npmrc", ...filesUnder(root, INSTALLED_APART, /^\.npmrc$/)];
  const remedy = "keep omit-lockfile-registry-resolved in the .npmrc beside it and run `npm install`";
  return [
    ...locks.flatMap((file) => linesWith(root, file, /"resolved": "https?:/, remedy)),
    ...settings.flatMap((file) => linesWith(root, file, /registry\s*=\s*https?:|_auth/i, "keep it in your own .npmrc")),
  ];
}

/**
 * @param {string} root
 * @param {string} file
 * @param {RegExp} pattern
 * @param {string} remedy
 */
function linesWith(root, file, pattern, remedy) {
  if (!existsSync(join(root, file))) return [];
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  return lines.flatMap((text, index) => {
    if (!pattern.test(text)) return [];
    return [violation({ file, line: index + 1, wrong: `a registry's address: ${text.trim()}`, expected: EXPECTED, remedy })];
  });
}
