import { expect, test } from "vitest";
import { differenceOf } from "../guarantees/difference.mjs";
import { pageOf } from "../guarantees/page-of.mjs";

/** @typedef {import("../guarantees/page-of.mjs").ConformanceCase} ConformanceCase */

const run = async () => undefined;

/** @type {import("../guarantees/page-of.mjs").Guarantee} */
const LEASES = {
  id: "leases",
  promise: "One worker at a time.",
  cases: [
    { name: "one of [two] gets it", behaviours: ["F11", "F4"], requires: ["leases"], run },
    { name: "it guards a checkpoint", behaviours: ["F4"], requires: ["leases", "checkpoints"], run },
  ],
};

/** @type {import("../guarantees/page-of.mjs").Guarantee} */
const CLOSING = { id: "closing", promise: "It ends.", cases: [{ name: "it is closed", behaviours: [], run }] };

const STORES = [
  { name: "memory", gaps: {} },
  { name: "file", gaps: { checkpoints: "no room | no time" } },
  { name: "bare", gaps: { leases: "no clock", checkpoints: "no room" } },
];

test("a guarantee is a heading, its promise, what it needs and shows, and its cases", () => {
  expect(pageOf([LEASES, CLOSING], STORES)).toMatch(
    `## \`leases\`

One worker at a time.

Needs \`leases\`. Behaviours: \`F4\`, \`F11\`.

- one of \\[two\\] gets it (\`F11\`, \`F4\`)
- it guards a checkpoint (needs \`checkpoints\`; \`F4\`)

## \`closing\`

It ends.

- it is closed
`,
  );
});

test("a table tells per store what is kept and which gap is in the way, another the reasons", () => {
  expect(pageOf([LEASES, CLOSING], STORES)).toMatch(
    `| guarantee | memory | file | bare |
|---|---|---|---|
| [\`leases\`](#leases) | kept | kept; gap: [\`checkpoints\`](#gaps), in 1 of 2 cases | gap: [\`leases\`](#gaps), [\`checkpoints\`](#gaps) |
| [\`closing\`](#closing) | kept | kept | kept |

### Gaps

| store | lacks | reason |
|---|---|---|
| file | \`checkpoints\` | no room \\| no time |
| bare | \`leases\` | no clock |
| bare | \`checkpoints\` | no room |
`,
  );
});

test("the first line that differs is told", () => {
  expect(differenceOf("a\nb\n", "a\nb\n")).toBeUndefined();
  expect(differenceOf("a\nb\n", "a\nc\n")).toEqual({ line: 2, expected: '"c"' });
  expect(differenceOf("a\nb\nc", "a\nb")).toEqual({ line: 3, expected: "the end of the page" });
  expect(differenceOf("", "a")).toEqual({ line: 1, expected: '"a"' });
});
