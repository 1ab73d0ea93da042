import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { violation } from "../source/violations.mjs";

const EXPECTED = "the repository names no registry";

/**
 * Registries that the lock file or .npmrc ties the repository to.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function checkLock(root) {
  return [
    ...linesWith(root, "package-lock.json", /"resolved": "https?:/, "keep omit-lockfile-registry-resolved in .npmrc and run `npm install`"),
    ...linesWith(root, ".npmrc", /registry\s*=\s*https?:|_auth/i, "keep it in your own .npmrc"),
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
