/** @typedef {import("../../packages/testing/src/conformance/index.ts").Guarantee} Guarantee */
/** @typedef {import("../../packages/testing/src/conformance/index.ts").ConformanceCase} ConformanceCase */
/** @typedef {import("../../packages/persistence/src/index.ts").Capability} Capability */
/** @typedef {import("./read-stores.mjs").StoreGaps} StoreGaps */

const INTRODUCTION = `# Guarantees

What every event store promises, and the conformance cases that hold a store to it. This page is made of the cases by \`node scripts/guarantees.mjs --write\`.

The column of KurrentDB is of its adapter on our own server. \`reactive-domain conformance --store URL\` runs them on a kind of store; [a guide](../guide/write-your-own-store.md) tells how an adapter runs them in its tests. Some cases need a capability that not every store has. Where a store's
\`gaps\` name it, the cases are a gap, not a pass, and one more case shows that what is lacking is refused with \`not-supported\` and the reason. Codes like \`F4\` are ids of the behaviour specification.`;

/**
 * The page about guarantees.
 *
 * @param {readonly Guarantee[]} guarantees
 * @param {readonly StoreGaps[]} stores
 * @returns {string}
 */
export function pageOf(guarantees, stores) {
  const parts = [INTRODUCTION, "## Stores", storesTable(guarantees, stores), gapsTable(stores), ...guarantees.map(sectionOf)];
  return `${parts.join("\n\n")}\n`;
}

/**
 * @param {readonly Guarantee[]} guarantees
 * @param {readonly StoreGaps[]} stores
 */
function storesTable(guarantees, stores) {
  const rows = guarantees.map((guarantee) => [
    `[\`${guarantee.id}\`](#${guarantee.id})`,
    ...stores.map((store) => verdict(guarantee, store)),
  ]);
  return table(["guarantee", ...stores.map(({ name }) => name)], rows);
}

/**
 * Whether a store keeps a guarantee, or which of its gaps are in the way.
 *
 * @param {Guarantee} guarantee
 * @param {StoreGaps} store
 */
function verdict({ cases }, { gaps }) {
  const missed = cases.filter(({ requires = [] }) => requires.some((capability) => capability in gaps));
  if (missed.length === 0) return "kept";
  const lacking = unique(missed.flatMap(({ requires = [] }) => requires.filter((capability) => capability in gaps)));
  const what = `gap: ${lacking.map((capability) => `[\`${capability}\`](#gaps)`).join(", ")}`;
  return missed.length === cases.length ? what : `kept; ${what}, in ${missed.length} of ${cases.length} cases`;
}

/** @param {readonly StoreGaps[]} stores */
function gapsTable(stores) {
  const rows = stores.flatMap(({ name, gaps }) => Object.entries(gaps).map(([capability, reason]) => [name, `\`${capability}\``, reason]));
  return `### Gaps\n\n${rows.length === 0 ? "None." : table(["store", "lacks", "reason"], rows)}`;
}

/** @param {Guarantee} guarantee */
function sectionOf({ id, promise, cases }) {
  const needed = cases.map(({ requires = [] }) => requires);
  const byAll = unique(needed.flat()).filter((capability) => needed.every((list) => list.includes(capability)));
  const behaviours = unique(cases.flatMap((one) => one.behaviours));
  const facts = [
    byAll.length === 0 ? "" : `Needs ${codes(byAll)}.`,
    behaviours.length === 0 ? "" : `Behaviours: ${codes(behaviours.toSorted(byNumber))}.`,
  ].filter((fact) => fact !== "");
  return [
    `## \`${id}\``,
    promise,
    ...(facts.length === 0 ? [] : [facts.join(" ")]),
    cases.map((one) => caseLine(one, byAll)).join("\n"),
  ].join("\n\n");
}

/**
 * @param {ConformanceCase} one
 * @param {readonly Capability[]} known needed by all cases of the guarantee
 */
function caseLine({ name, behaviours, requires = [] }, known) {
  const more = requires.filter((capability) => !known.includes(capability));
  const notes = [...(more.length === 0 ? [] : [`needs ${codes(more)}`]), ...(behaviours.length === 0 ? [] : [codes(behaviours)])];
  return `- ${escaped(name)}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}

/**
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 */
function table(header, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), `|${"---|".repeat(header.length)}`, ...rows.map(line)].join("\n");
}

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[\\`*_<[\]]/g, "\\$&");

/** @param {readonly string[]} names */
const codes = (names) => names.map((name) => `\`${name}\``).join(", ");

/**
 * @template T
 * @param {readonly T[]} items
 * @returns {T[]}
 */
const unique = (items) => [...new Set(items)];

/**
 * `F4` before `F11`.
 *
 * @param {string} one
 * @param {string} other
 */
const byNumber = (one, other) => one.localeCompare(other, "en", { numeric: true });
