/**
 * A fenced block of a page.
 *
 * @typedef {object} Fence
 * @property {number} line of the opening fence, from 1
 * @property {number} endLine of the closing fence
 * @property {string} language the first word of the info string
 * @property {string[]} body
 * @property {string} notice the last line with text before the fence
 */

/**
 * A Markdown page, taken apart.
 *
 * @typedef {object} Page
 * @property {string} path
 * @property {string[]} lines
 * @property {string[]} prose the lines, empty where a fence is
 * @property {Fence[]} fences
 */

const OPENING = /^\s*(`{3,}|~{3,})\s*([\w-]*)/;

/**
 * @param {string} path
 * @param {string} text
 * @returns {Page}
 */
export function readPage(path, text) {
  const lines = text.split("\n");
  const prose = [...lines];
  /** @type {Fence[]} */
  const fences = [];
  for (let index = 0; index < lines.length; index++) {
    const [, marker, language = ""] = OPENING.exec(lines[index] ?? "") ?? [];
    if (marker === undefined) continue;
    const end = endOfFence(lines, index, marker);
    const notice = lines.slice(0, index).findLast((line) => line.trim() !== "") ?? "";
    fences.push({ line: index + 1, endLine: end + 1, language, body: lines.slice(index + 1, end), notice });
    prose.fill("", index, end + 1);
    index = end;
  }
  return { path, lines, prose, fences };
}

/**
 * @param {string[]} lines
 * @param {number} start
 * @param {string} marker
 */
function endOfFence(lines, start, marker) {
  const end = lines.findIndex((line, index) => index > start && line.trim().startsWith(marker));
  return end === -1 ? lines.length : end;
}
