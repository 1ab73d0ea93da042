import { existsSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { runCommandLine } from "./command-line.ts";
import { command, defined, kept, keptLedger, LEDGER, ledgerWith } from "./ledgers.ts";

vi.setConfig({ testTimeout: 60_000 });

test.each([
  ["list"],
  ["status", "balances"],
  ["pause", "balances"],
  ["parked", "balances"],
  ["replay", "balances"],
  ["reset", "balances", "--yes"],
])("projection %s %s makes no file where there is none", async (...words) => {
  const file = join(temporaryDirectory(), "none.db");
  expect(await command(["projection", ...words.filter(Boolean), "--views", `sqlite:${file}`])).toEqual({
    status: 2,
    lines: [],
    told: [],
    shown: [],
    complaints: [`reactive-domain: SQLite read models ${file} does not exist.`],
  });
  expect(existsSync(file)).toBe(false);
});

test("neither a rebuild nor a question about the lag makes a file", async () => {
  const ledger = await ledgerWith({ a: [1] });
  for (const words of [
    ["rebuild", "balances"],
    ["verify", "balances"],
    ["lag", "balances"],
    ["wait", "balances"],
  ])
    expect(await defined(words, ledger)).toMatchObject({ status: 2, lines: [] });
  expect(existsSync(ledger.views.slice("sqlite:".length))).toBe(false);
});

test("names that are not known are refused with those that are", async () => {
  const ledger = await keptLedger({ a: [1] });
  const refusal = async (asked: ReturnType<typeof command>): Promise<unknown> => {
    const { status, lines, complaints } = await asked;
    return [status, lines, complaints];
  };
  const { views } = ledger;
  expect(await refusal(kept(["status", "blances"], ledger))).toEqual([
    2,
    [],
    [`reactive-domain: ${views} keeps no projection blances. There is balances.`],
  ]);
  expect(await refusal(defined(["rebuild", "blances"], ledger))).toEqual([
    2,
    [],
    [`reactive-domain: ${LEDGER} exports no projection blances. There are balances, totals.`],
  ]);
  expect(await refusal(defined(["verify", "totals"], ledger))).toEqual([
    2,
    [],
    [`reactive-domain: ${views} keeps no projection totals. There is balances.`],
  ]);
  expect(await defined(["run", "blances"], ledger)).toMatchObject({ status: 2, lines: [] });
});

test.each([
  ["packages/tools/test/modules/without-bus.ts", [], "exports no bounded context, neither by itself nor in an object."],
  [
    "packages/tools/test/modules/shop-context.ts",
    ["--context", "shop"],
    "exports no projection, neither by itself nor in an object or a list.",
  ],
  [
    "packages/tools/test/modules/two-contexts.ts",
    [],
    "exports several bounded contexts: bells, doors. Say by --context whose events are projected.",
  ],
  ["packages/tools/test/modules/two-contexts.ts", ["--context", "gates"], "exports no bounded context gates. There are: bells, doors."],
  ["packages/tools/test/modules/none.ts", [], "There is no module packages/tools/test/modules/none.ts"],
])("the module %s with %j is refused in one sentence", async (module, more, sentence) => {
  const { store, views } = await ledgerWith({});
  const { status, lines, complaints } = await command([
    "projection",
    "lag",
    "balances",
    "--module",
    module,
    "--store",
    store,
    "--views",
    views,
    ...more,
  ]);
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
  expect(complaints).toEqual([expect.stringContaining(sentence)]);
});

test.each([
  [
    ["list", "--views", "floppy:a"],
    "The place of read models floppy:a has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE.",
  ],
  [
    ["list", "--views", "mysql://ann:secret@127.0.0.1/bank"],
    "The place of read models mysql://ann:***@127.0.0.1/bank has no known scheme.",
  ],
  [["list", "--views", "postgres://ann:secret@127.0.0.1:1/bank"], "cannot be reached: nothing listens there"],
])("%j is refused in one sentence, with status 2 and without the password", async (words, sentence) => {
  const { status, lines, complaints } = await command(["projection", ...words]);
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
  expect(complaints).toEqual([expect.stringContaining(sentence)]);
  expect(complaints[0]).not.toContain("secret");
});

test("a rebuild of one key does not go with what is of a whole one", async () => {
  const words = ["rebuild", "balances", "--module", LEDGER, "--store", "sqlite:none.db", "--views", "sqlite:none.db"];
  expect(await runCommandLine(["projection", ...words, "--key", "a", "--no-swap"])).toEqual({
    status: 2,
    output: "",
    errors: "reactive-domain: option '--key <key>' cannot be used with option '--no-swap'\n",
  });
});
