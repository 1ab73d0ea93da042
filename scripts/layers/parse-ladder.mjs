/**
 * Where one name stands: on a level, or hanging on it, seen by the level `seenBy` only.
 *
 * @typedef {{ name: string, level: number, seenBy?: number }} Rung
 */

/**
 * The ladder as it is written.
 *
 * @typedef {object} WrittenLadder
 * @property {Rung[]} rungs
 * @property {{ name: string, sees: string[] }[]} extras what some may see besides
 * @property {{ from: number, to: number, names: string[] } | undefined} outside the only packages from outside which these levels may use
 */

const FENCE = /^```ladder\n([\s\S]*?)^```$/m;
const LEVEL = /^(\d+)\s+(\S.*)$/;
const HANGING = /^(\S+)\s+hang on (\d+), seen by (\d+)$/;
const EXTRA = /^(\S+)\s+may see (\S.*)$/;
const OUTSIDE = /^levels (\d+) to (\d+)\s+depend on (\S.*) and nothing else from outside$/;

/**
 * Reads the block whose info string is "ladder". A missing block, a line that is not understood or a name that stands twice throws.
 *
 * @param {string} markdown
 * @returns {WrittenLadder}
 */
export function parseLadder(markdown) {
  const block = FENCE.exec(markdown)?.[1];
  if (block === undefined) throw new Error("ARCHITECTURE.md has no ```ladder block");
  /** @type {WrittenLadder} */
  const ladder = { rungs: [], extras: [], outside: undefined };
  for (const line of block.split("\n").map(withoutComment)) if (line !== "") readLine(ladder, line);
  refuseRepeated(ladder.rungs);
  return ladder;
}

/** @param {string} line */
const withoutComment = (line) => line.replace(/(^|\s)#.*$/, "").trim();

/**
 * @param {WrittenLadder} ladder
 * @param {string} line
 */
function readLine(ladder, line) {
  const [, level, names] = LEVEL.exec(line) ?? [];
  const [, hanging, on, by] = HANGING.exec(line) ?? [];
  const [, extra, sees] = EXTRA.exec(line) ?? [];
  const [, from, to, outside] = OUTSIDE.exec(line) ?? [];
  if (names !== undefined) ladder.rungs.push(...split(names, "|").map((name) => ({ name, level: Number(level) })));
  else if (hanging !== undefined) ladder.rungs.push({ name: hanging, level: Number(on), seenBy: Number(by) });
  else if (extra !== undefined && sees !== undefined) ladder.extras.push({ name: extra, sees: split(sees, ",") });
  else if (outside !== undefined) ladder.outside = { from: Number(from), to: Number(to), names: split(outside, ",") };
  else throw new Error(`ARCHITECTURE.md: the ladder's line "${line}" is not understood`);
}

/**
 * @param {string} text
 * @param {string} separator
 */
const split = (text, separator) => text.split(separator).map((name) => name.trim());

/** @param {Rung[]} rungs */
function refuseRepeated(rungs) {
  const names = rungs.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Error(`ARCHITECTURE.md: ${repeated} stands twice on the ladder`);
}
