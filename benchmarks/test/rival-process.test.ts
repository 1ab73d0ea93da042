import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { medianOutcome, runRival, type RivalOutcome } from "../src/rival-process.ts";

/** More than a program of a line needs, less than a test may last. */
const TIMEOUT_MS = 3_000;
const LINE = { rate: 1_200, events: 10, version: "1.2.3", durability: "SQLite, journal_mode=wal, synchronous=FULL" };

/** A rival named `other` with this program, in a folder of rivals that goes away with the test. */
async function plantRival(program: string, { installed = true, file = "append-one-after-another.mjs" } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rivals-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "other", installed ? "node_modules" : ""), { recursive: true });
  await writeFile(join(folder, "other", file), program);
  return folder;
}

function printing(line: object): string {
  return `console.log("noise");\nconsole.log(${JSON.stringify(JSON.stringify(line))});\n`;
}

test("a rival's figures are those of the last line that its program prints", async () => {
  const folder = await plantRival(printing(LINE));

  expect(await runRival("other", [], { folder })).toEqual({
    measured: true,
    rate: 1_200,
    events: 10,
    version: "1.2.3",
    durability: "SQLite, journal_mode=wal, synchronous=FULL",
  });
});

test("the flags reach the rival's program", async () => {
  const folder = await plantRival(`console.log(JSON.stringify({ ...${JSON.stringify(LINE)}, version: process.argv.slice(2).join(" ") }));`);

  expect(await runRival("other", ["--events", "7"], { folder })).toMatchObject({ version: "--events 7" });
});

test("a rival has several programs, and one of them runs", async () => {
  const folder = await plantRival(printing(LINE), { file: "read.mjs" });

  expect(await runRival("other", [], { folder, program: "read.mjs" })).toMatchObject({ measured: true, rate: 1_200 });
  await expect(runRival("other", [], { folder })).rejects.toThrow(/append-one-after-another\.mjs is not there/);
});

test("a rival that is not installed has no figure, and the reason says how to install it", async () => {
  const folder = await plantRival(printing(LINE), { installed: false });

  expect(await runRival("other", [], { folder })).toEqual({
    measured: false,
    reason: "rival not installed: npm ci --prefix benchmarks/rivals/other",
  });
});

test("a rival that crashed has no figure, and the reason says with what", async () => {
  const folder = await plantRival(printing({ crashed: true, error: "SQLITE_BUSY: database is locked" }));

  expect(await runRival("other", [], { folder })).toEqual({ measured: false, reason: "rival crashed: SQLITE_BUSY: database is locked" });
});

test("a rival that answers before it has committed has no figure", async () => {
  const folder = await plantRival(printing({ ...LINE, answeredTooEarly: 3 }));

  expect(await runRival("other", [], { folder })).toEqual({
    measured: false,
    reason: "rival not comparable: 1200/s, but 3 of its appends were answered before they were committed",
  });
});

test.each([
  ["throws", 'throw new Error("out of luck");', /"other" ended with 1 .* It said: [^]*out of luck/],
  ["prints no JSON", 'console.log("done");', /"other" ended with 0 and "done" as its last line; expected 0 and a line of JSON/],
  ["prints nothing", "", /"other" ended with 0 and "" as its last line/],
  ["prints no rate", printing({ ...LINE, rate: null }), /"other" printed no rate/],
  ["prints no durability", printing({ ...LINE, durability: undefined }), /"other" printed no durability/],
  ["does not end", "setInterval(() => {}, 1_000);", /"other" ended with SIGTERM/],
])("a rival whose program %s is an error", async (_, program, message) => {
  const folder = await plantRival(program);

  await expect(runRival("other", [], { folder, timeoutMs: TIMEOUT_MS })).rejects.toThrow(message);
});

test("a rival that nobody knows is an error that says where it was looked for", async () => {
  await expect(runRival("nobody")).rejects.toThrow(/No rival "nobody": .*nobody.append-one-after-another\.mjs is not there/);
});

test("of several rounds the one with the median rate counts, and one without a figure takes all figures away", () => {
  const round = (rate: number): RivalOutcome => ({ measured: true, rate, events: 10, version: "1.2.3", durability: "FULL" });
  const crashed: RivalOutcome = { measured: false, reason: "rival crashed: SQLITE_BUSY" };

  expect(medianOutcome([round(900), round(1_000), round(20)])).toEqual(round(900));
  expect(medianOutcome([round(900), crashed, round(20)])).toEqual(crashed);
  expect(() => medianOutcome([])).toThrow(RangeError);
});
