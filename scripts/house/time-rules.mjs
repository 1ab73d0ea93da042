import { isNode } from "../source/parse-source.mjs";

/** @typedef {import("../source/parse-source.mjs").SyntaxNode} SyntaxNode */

const TIMERS = new Set(["setTimeout", "setImmediate", "setInterval"]);
const SOURCES = new Set(["Date.now", "Math.random", "performance.now", "crypto.randomUUID"]);
const MODULES = new Set(["timers", "timers/promises", "node:timers", "node:timers/promises"]);

/**
 * What in a node reads the clock, makes ids or schedules by itself; `undefined` when nothing does.
 *
 * @param {SyntaxNode} node
 * @returns {string | undefined}
 */
export function bareRuntimeUse(node) {
  if (node.type === "MemberExpression") return bareMember(nameOf(node));
  if (node.type === "CallExpression") return bareCall(nameOf(node["callee"]));
  if (node.type === "NewExpression" && nameOf(node["callee"]) === "Date" && isEmpty(node["arguments"])) return "new Date()";
  if (node.type === "ImportDeclaration" && isNode(node["source"]) && MODULES.has(String(node["source"]["value"]))) return "node:timers";
  return undefined;
}

/** @param {string} name */
const bareMember = (name) => (SOURCES.has(withoutGlobal(name)) ? `${withoutGlobal(name)}()` : undefined);

/** @param {string} name */
function bareCall(name) {
  const callee = withoutGlobal(name);
  return TIMERS.has(callee) || callee === "randomUUID" ? `${callee}()` : undefined;
}

/** @param {string} name */
const withoutGlobal = (name) => name.replace(/^globalThis\./, "");

/** @param {unknown} list */
const isEmpty = (list) => Array.isArray(list) && list.length === 0;

/**
 * A dotted name, such as `Date.now`; "" for any other expression.
 *
 * @param {unknown} node
 * @returns {string}
 */
function nameOf(node) {
  if (!isNode(node)) return "";
  if (node.type === "Identifier") return String(node["name"]);
  if (node.type !== "MemberExpression" || node["computed"] === true) return "";
  const object = nameOf(node["object"]);
  return object === "" ? "" : `${object}.${nameOf(node["property"])}`;
}
