import { parseSync } from "oxc-parser";

/**
 * A node of the syntax tree, as far as the checks look at it.
 *
 * @typedef {{ type: string, start: number, end: number, [key: string]: unknown }} SyntaxNode
 */

/**
 * A parsed source file.
 *
 * @typedef {object} ParsedSource
 * @property {SyntaxNode[]} nodes every node, parents before children
 * @property {string[]} lines
 * @property {(offset: number) => number} lineOf the line of an offset, from 1
 */

/**
 * Parses a TypeScript file. A syntax error throws; the type check reports it better.
 *
 * @param {string} path
 * @param {string} text
 * @returns {ParsedSource}
 */
export function parseSource(path, text) {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  return { nodes: [...nodesBelow(program)], lines: text.split("\n"), lineOf: (offset) => text.slice(0, offset).split("\n").length };
}

/**
 * @param {unknown} value
 * @returns {Generator<SyntaxNode>}
 */
function* nodesBelow(value) {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesBelow(item);
  } else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) yield* nodesBelow(child);
  }
}

/**
 * @param {unknown} value
 * @returns {value is SyntaxNode}
 */
export function isNode(value) {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
