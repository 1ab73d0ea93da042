import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { violation } from "../source/violations.mjs";
import { readRegion } from "./read-region.mjs";

/** @typedef {import("./read-page.mjs").Page} Page */
/** @typedef {import("./read-page.mjs").Fence} Fence */

const SNIPPET = /^\s*<!--\s*snippet:\s*([^\s#]+)(?:#(\S+))?\s*-->\s*$/;
const NOT_COMPILED = /^\s*<!--\s*not compiled:\s*\S.*-->\s*$/;
const COMPILED_LANGUAGES = new Set(["ts", "tsx", "mts", "typescript"]);

/**
 * The snippets of a page that are not what their file says, or are not there, and TypeScript that comes from no file.
 *
 * @param {string} root
 * @param {Page} page
 * @returns {string[]}
 */
export function checkSnippets(root, page) {
  const wrong = page.fences.flatMap((fence) => {
    const rule = problemOf(root, fence);
    return rule === undefined ? [] : [violation({ file: page.path, line: fence.line, ...rule })];
  });
  const missing = page.prose.flatMap((text, index) =>
    SNIPPET.test(text) && !hasFence(page, index) ? [violation({ file: page.path, line: index + 1, ...HAS_NO_FENCE })] : [],
  );
  return [...wrong, ...missing];
}

/**
 * Whether the next text behind a line is a fence.
 *
 * @param {Page} page
 * @param {number} index of the line
 */
function hasFence({ lines, fences }, index) {
  const next = lines.findIndex((line, at) => at > index && line.trim() !== "");
  return fences.some(({ line }) => line === next + 1);
}

const HAS_NO_FENCE = {
  wrong: "a snippet comment has no code behind it",
  expected: "a fenced block, which the text of the file is written into",
  remedy: "add an empty one and run `node scripts/docs.mjs --write`",
};

/**
 * The page's text with its snippets as their files say.
 *
 * @param {string} root
 * @param {Page} page
 * @returns {string}
 */
export function refreshSnippets(root, page) {
  const lines = [...page.lines];
  for (const fence of page.fences.toReversed()) {
    const region = regionOf(root, fence);
    if (region?.lines !== undefined) lines.splice(fence.line, fence.body.length, ...region.lines);
  }
  return lines.join("\n");
}

/**
 * @param {string} root
 * @param {Fence} fence
 */
function problemOf(root, fence) {
  const region = regionOf(root, fence);
  if (region === undefined) return isUnexplained(fence) ? COMES_FROM_NO_FILE : undefined;
  if (region.lines === undefined) {
    const wrong = `the snippet's source ${region.source} does not exist`;
    return { wrong, expected: "a file with `// #region name` and `// #endregion`", remedy: "mend the snippet comment" };
  }
  if (region.lines.join("\n") === fence.body.join("\n")) return undefined;
  const wrong = `the snippet differs from ${region.source}`;
  return { wrong, expected: "the text of the file", remedy: "run `node scripts/docs.mjs --write`" };
}

const COMES_FROM_NO_FILE = {
  wrong: "a TypeScript snippet comes from no file",
  expected: "`<!-- snippet: path/to/file.ts#region -->` before it",
  remedy: "take it from a file that is compiled, or say `<!-- not compiled: reason -->`",
};

/** @param {Fence} fence */
const isUnexplained = ({ language, notice }) => COMPILED_LANGUAGES.has(language) && !NOT_COMPILED.test(notice);

/**
 * @param {string} root
 * @param {Fence} fence
 * @returns {{ source: string, lines: string[] | undefined } | undefined} `undefined` when it names no source
 */
function regionOf(root, { notice }) {
  const [, path, name] = SNIPPET.exec(notice) ?? [];
  if (path === undefined) return undefined;
  const file = join(root, path);
  const lines = existsSync(file) ? readRegion(readFileSync(file, "utf8"), name) : undefined;
  return { source: name === undefined ? path : `${path}#${name}`, lines };
}
