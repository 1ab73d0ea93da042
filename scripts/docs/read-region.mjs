const MARKER = /^\s*(?:\/\/|--|#)\s*#(region|endregion)\b\s*(\S*)/;

/**
 * The lines of a region, without its markers, those of regions inside it and the common indentation; without a name, of the whole file.
 *
 * @param {string} text
 * @param {string | undefined} name
 * @returns {string[] | undefined} `undefined` when there is no such region
 */
export function readRegion(text, name) {
  const lines = text.replace(/\n$/, "").split("\n");
  const inside = name === undefined ? lines : linesOfRegion(lines, name);
  return inside && withoutIndentation(inside.filter((line) => !MARKER.test(line)));
}

/**
 * @param {string[]} lines
 * @param {string} name
 */
function linesOfRegion(lines, name) {
  const start = lines.findIndex((line) => isStart(line) && MARKER.exec(line)?.[2] === name);
  if (start === -1) return undefined;
  let depth = 1;
  const length = lines.slice(start + 1).findIndex((line) => {
    if (MARKER.test(line)) depth += isStart(line) ? 1 : -1;
    return depth === 0;
  });
  return length === -1 ? undefined : lines.slice(start + 1, start + 1 + length);
}

/** @param {string} line */
const isStart = (line) => MARKER.exec(line)?.[1] === "region";

/** @param {string[]} lines */
function withoutIndentation(lines) {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const common = Math.min(...indents, Number.MAX_SAFE_INTEGER);
  return lines.map((line) => line.slice(Math.min(common, line.length)));
}
