import { isNode } from "../source/parse-source.mjs";

/** @typedef {import("../source/parse-source.mjs").SyntaxNode} SyntaxNode */

/**
 * What in a node is a part of the language that the house does without; `undefined` when nothing is.
 *
 * @param {SyntaxNode} node
 * @returns {{ wrong: string, expected: string, remedy: string } | undefined}
 */
export function shunnedLanguage(node) {
  const found = RULES.find(({ applies }) => applies(node));
  return found && { wrong: found.wrong, expected: found.expected, remedy: "write it so, or end the line with `// house: <reason>`" };
}

const RULES = [
  {
    wrong: "`export *`",
    expected: "exports listed one by one",
    /** @param {SyntaxNode} node */
    applies: (node) => node.type === "ExportAllDeclaration",
  },
  {
    wrong: "`any`",
    expected: "`unknown`, or a type parameter",
    /** @param {SyntaxNode} node */
    applies: (node) => node.type === "TSAnyKeyword",
  },
  {
    wrong: "`as unknown as`",
    expected: "a check, or a type that tells the truth",
    /** @param {SyntaxNode} node */
    applies: (node) => node.type === "TSAsExpression" && isAsUnknown(node["expression"]),
  },
  {
    wrong: "an `enum`",
    expected: "a union of literals, or an object `as const`",
    /** @param {SyntaxNode} node */
    applies: (node) => node.type === "TSEnumDeclaration",
  },
  {
    wrong: "a `namespace`",
    expected: "a module",
    /** @param {SyntaxNode} node */
    applies: (node) =>
      node.type === "TSModuleDeclaration" && isNode(node["id"]) && node["id"].type === "Identifier" && node["global"] !== true,
  },
];

/** @param {unknown} node */
function isAsUnknown(node) {
  if (!isNode(node)) return false;
  if (node.type === "ParenthesizedExpression") return isAsUnknown(node["expression"]);
  const type = node["typeAnnotation"];
  return node.type === "TSAsExpression" && isNode(type) && type.type === "TSUnknownKeyword";
}
