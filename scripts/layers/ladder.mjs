import { parseLadder } from "./parse-ladder.mjs";

/**
 * Who may see whom.
 *
 * @typedef {object} Ladder
 * @property {(folder: string) => import("./parse-ladder.mjs").Rung | undefined} rungOf where a workspace stands
 * @property {(from: string, to: string) => Refusal | undefined} refusal why one workspace may not see another
 * @property {(folder: string) => readonly string[] | undefined} outsideOf all that a workspace may use from outside; `undefined`: no limit
 */

/** @typedef {{ wrong: string, expected: string, remedy: string }} Refusal */

/**
 * @param {string} markdown the text of ARCHITECTURE.md
 * @returns {Ladder}
 */
export function readLadder(markdown) {
  const { rungs, extras, outside } = parseLadder(markdown);
  /** @param {string} folder */
  const rungOf = (folder) => rungs.find(({ name }) => matches(name, folder));
  return {
    rungOf,
    refusal(from, to) {
      const [a, b] = [rungOf(from), rungOf(to)];
      if (a === undefined || b === undefined) return undefined;
      if (extras.some((extra) => matches(extra.name, from) && extra.sees.some((name) => matches(name, to)))) return undefined;
      return refusalBetween({ ...a, name: titleOf(from) }, { ...b, name: titleOf(to) });
    },
    outsideOf(folder) {
      const rung = rungOf(folder);
      if (rung === undefined || rung.seenBy !== undefined || outside === undefined) return undefined;
      return rung.level >= outside.from && rung.level <= outside.to ? outside.names : undefined;
    },
  };
}

/**
 * @param {import("./parse-ladder.mjs").Rung} from
 * @param {import("./parse-ladder.mjs").Rung} to
 * @returns {Refusal | undefined}
 */
function refusalBetween(from, to) {
  if (to.seenBy !== undefined) return from.level === to.seenBy && from.seenBy === undefined ? undefined : adapterRefusal(from, to);
  const hangsOnIt = from.seenBy !== undefined && from.level === to.level;
  if (to.level < from.level || hangsOnIt) return undefined;
  return to.level === from.level ? sideways(from, to) : upward(from, to);
}

/**
 * @param {import("./parse-ladder.mjs").Rung} from
 * @param {import("./parse-ladder.mjs").Rung} to
 */
function adapterRefusal(from, to) {
  if (from.seenBy !== undefined) return sideways(from, to);
  return {
    wrong: `upward import: ${placed(from)} may not see the adapter ${to.name}`,
    expected: `adapters are seen by level ${to.seenBy} only`,
    remedy: "take the port as a parameter, and let the application choose the adapter",
  };
}

/**
 * @param {import("./parse-ladder.mjs").Rung} from
 * @param {import("./parse-ladder.mjs").Rung} to
 */
function upward(from, to) {
  return {
    wrong: `upward import: ${placed(from)} may not see ${placed(to)}`,
    expected: "imports go down the ladder in ARCHITECTURE.md",
    remedy: "move what both need to a lower package, or pass it in",
  };
}

/**
 * @param {import("./parse-ladder.mjs").Rung} from
 * @param {import("./parse-ladder.mjs").Rung} to
 */
function sideways(from, to) {
  return {
    wrong: `sideways import: ${placed(from)} may not see its sibling ${placed(to)}`,
    expected: "siblings on the ladder in ARCHITECTURE.md do not know each other",
    remedy: "move what both need to a lower package, or join them in an upper one",
  };
}

/** @param {import("./parse-ladder.mjs").Rung} rung */
const placed = (rung) => `${rung.name} (${rung.seenBy === undefined ? "level" : "hangs on level"} ${rung.level})`;

/** @param {string} folder */
export const titleOf = (folder) => (folder.startsWith("packages/") ? folder.slice("packages/".length) : folder);

/**
 * @param {string} name a name on the ladder
 * @param {string} folder a workspace
 */
function matches(name, folder) {
  if (name.endsWith("/*")) return folder.startsWith(name.slice(0, -1));
  return name === titleOf(folder);
}
