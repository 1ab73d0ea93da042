import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventStoreGuarantees } from "@reactive-domain/testing/conformance";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { ExitStatus, run } from "../../src/run.ts";
import { collectOutput } from "../collected-output.ts";
import { startCommandLine } from "../command-line.ts";

vi.setConfig({ testTimeout: 60_000 });

const NUMBER_OF_CASES = eventStoreGuarantees.flatMap(({ cases }) => cases).length;

async function conformance(args: readonly string[], onProgress: (text: string) => void = () => undefined) {
  const output = collectOutput();
  const complaints: string[] = [];
  const progress = { isSeen: true, show: onProgress, clear: () => undefined, tell: () => undefined };
  const status = await run(["conformance", ...args], output, (line) => complaints.push(line), progress);
  return { status, lines: output.lines, complaints };
}

test("the in-memory store keeps every promise", async () => {
  const { status, lines } = await conformance(["--store", "memory"]);
  expect(status).toBe(ExitStatus.fine);
  expect(lines.at(-1)).toBe(`${NUMBER_OF_CASES} passed, 0 failed, 0 gaps`);
  for (const { id, promise } of eventStoreGuarantees)
    expect(lines.filter((line) => line.includes(` ${id} `) && line.endsWith(promise))).toHaveLength(1);
});

test("with json the outcome for a SQLite store is one document", async () => {
  const file = join(temporaryDirectory(), "new.db");
  const { status, lines } = await conformance(["--store", `sqlite:${file}`, "--only", "appends", "--json"]);
  expect(status).toBe(ExitStatus.fine);
  expect(JSON.parse(lines.join("\n"))).toMatchObject({
    store: `sqlite:${file}`,
    durability: "SQLite, journal_mode=wal, synchronous=FULL",
    guarantees: [{ id: "appends", failed: 0, cases: expect.arrayContaining([expect.objectContaining({ outcome: "passed" })]) }],
    totals: { failed: 0 },
  });
});

test("the file that is named is not touched, and nothing stays beside it", async () => {
  const directory = temporaryDirectory();
  const file = join(directory, "bank.db");
  await (await openSqliteStore(file)).close();
  const before = readFileSync(file);
  const seen = new Set<string>();
  const { status } = await conformance(["--store", `sqlite:${file}`, "--only", "closing"], () => {
    for (const name of readdirSync(directory)) seen.add(name);
  });
  expect(status).toBe(ExitStatus.fine);
  expect([...seen]).toEqual(["bank.db", expect.stringMatching(/^bank\.db\.conformance-/)]);
  expect(readdirSync(directory)).toEqual(["bank.db"]);
  expect(readFileSync(file)).toEqual(before);
});

test("a case that fails ends it with status 1, after everything was told, and the folder is removed", async () => {
  const directory = temporaryDirectory();
  const removeStores = (progress: string): void => {
    if (!progress.startsWith("1 ")) return;
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  };
  const { status, lines, complaints } = await conformance(
    ["--store", `sqlite:${join(directory, "bank.db")}`, "--only", "closing"],
    removeStores,
  );
  const cases = eventStoreGuarantees.find(({ id }) => id === "closing")?.cases.length ?? 0;
  expect({ status, complaints }).toEqual({
    status: ExitStatus.failed,
    complaints: [`reactive-domain: ${cases - 1} of ${cases} conformance cases failed.`],
  });
  expect(lines.filter((line) => line.startsWith("FAILED closing: "))).toHaveLength(cases - 1);
  expect(lines.at(-1)).toBe(`1 passed, ${cases - 1} failed, 0 gaps`);
  expect(readdirSync(directory)).toEqual([]);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s ends it by that signal, and the folder is removed", async (signal) => {
  const directory = temporaryDirectory();
  const { child, ended } = startCommandLine(["conformance", "--store", `sqlite:${join(directory, "bank.db")}`]);
  await vi.waitUntil(() => readdirSync(directory).some((name) => readdirSync(join(directory, name)).length > 1), { timeout: 30_000 });
  child.kill(signal);
  expect(await ended).toMatchObject({ status: null, signal, output: "" });
  expect(readdirSync(directory)).toEqual([]);
});

test("what cannot be done as asked for is told in one sentence, with status 2", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  const sentences: readonly (readonly [args: readonly string[], sentence: string])[] = [
    [
      ["--store", "memory", "--only", "no such thing"],
      "No case for memory has to do with no such thing. Give a part of a case's name, or ",
    ],
    [["--store", "memory:"], "The store memory: names no place. Write it like memory."],
    [["--store", "sqlite"], "The store sqlite has no known scheme. Give one of these: memory, sqlite:FILE, postgres://USER@HOST/DATABASE."],
    [
      ["--store", `sqlite:${directory}/none/bank.db`],
      `No folder can be made beside ${directory}/none/bank.db (ENOENT). Give a file in a folder that exists and can be written to.`,
    ],
    [["--store", `sqlite:${directory}/file/bank.db`], `No folder can be made beside ${directory}/file/bank.db (ENOTDIR).`],
  ];
  for (const [args, sentence] of sentences) {
    const { status, complaints, lines } = await conformance(args);
    expect({ status, lines }).toEqual({ status: ExitStatus.badUsage, lines: [] });
    expect(complaints).toEqual([expect.stringContaining(`reactive-domain: ${sentence}`)]);
  }
});
