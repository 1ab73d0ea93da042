import { parseSource } from "../source/parse-source.mjs";
import { violation } from "../source/violations.mjs";
import { shunnedLanguage } from "./language-rules.mjs";
import { bareRuntimeUse } from "./time-rules.mjs";

const MAX_LINES = 250;
const OWN_RUNTIME = ["packages/core/src/runtime/", "benchmarks/", "torture/"];
const ESCAPE = /\/\/ house: \S/;

/**
 * The house rules that a source file breaks.
 *
 * @param {string} file
 * @param {string} text
 * @returns {string[]}
 */
export function checkSource(file, text) {
  const { nodes, lines, lineOf } = parseSource(file, text);
  const mayUseRuntime = OWN_RUNTIME.some((folder) => file.startsWith(folder));
  const broken = nodes.flatMap((node) => {
    const rule = shunnedLanguage(node) ?? (mayUseRuntime ? undefined : runtimeRule(bareRuntimeUse(node)));
    return rule === undefined ? [] : [{ ...rule, line: lineOf(node.start), endLine: lineOf(node.end) }];
  });
  const unexcused = broken.filter(({ line, endLine }) => ![line, endLine].some((number) => ESCAPE.test(lines[number - 1] ?? "")));
  return [...unexcused.map((rule) => violation({ file, ...rule })), ...tooLong(file, text)];
}

/** @param {string | undefined} use */
function runtimeRule(use) {
  if (use === undefined) return undefined;
  const remedy = "take it from core's runtime, or end the line with `// house: <reason>`";
  return {
    wrong: `\`${use}\` outside core's runtime`,
    expected: "time, ids and scheduling come from core's runtime, which tests replace",
    remedy,
  };
}

/**
 * @param {string} file
 * @param {string} text
 */
function tooLong(file, text) {
  const count = text.replace(/\n$/, "").split("\n").length;
  if (count <= MAX_LINES) return [];
  const wrong = `the file has ${count} lines`;
  return [violation({ file, line: MAX_LINES + 1, wrong, expected: `at most ${MAX_LINES}`, remedy: "give each concept a file of its own" })];
}
