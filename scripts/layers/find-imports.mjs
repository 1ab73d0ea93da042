import { isNode, parseSource } from "../source/parse-source.mjs";

/**
 * What a file imports: by `import`, `export … from`, `import()` with a literal, `import("…")` in a type, or `import … = require("…")`.
 *
 * @typedef {{ specifier: string, line: number }} Import
 */

/**
 * @param {string} path
 * @param {string} text
 * @returns {Import[]}
 */
export function findImports(path, text) {
  const { nodes, lineOf } = parseSource(path, text);
  return nodes.flatMap((node) => {
    const specifier = specifierOf(node);
    return specifier === undefined ? [] : [{ specifier, line: lineOf(node.start) }];
  });
}

/**
 * @param {import("../source/parse-source.mjs").SyntaxNode} node
 * @returns {string | undefined}
 */
function specifierOf(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return textOf(node["source"]);
    case "TSExternalModuleReference":
      return textOf(node["expression"]);
    default:
      return undefined;
  }
}

/**
 * The text of a string literal, or of a template without holes.
 *
 * @param {unknown} node
 * @returns {string | undefined}
 */
function textOf(node) {
  if (!isNode(node)) return undefined;
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"];
  const [quasi, ...more] = node.type === "TemplateLiteral" && Array.isArray(node["quasis"]) ? node["quasis"] : [];
  return quasi !== undefined && more.length === 0 ? quasi.value.cooked : undefined;
}
