import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCommandLine } from "./command-line.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const directory = mkdtempSync(join(tmpdir(), "reactive-domain-tools-"));
const bank = `sqlite:${join(directory, "bank.db")}`;
const EVENTS = 20_000;

beforeAll(async () => {
  await using store = await openSqliteStore(join(directory, "bank.db"));
  await store.append("account-1", [newEvent(), newEvent()], { expectedVersion: "noStream" });
  await store.append(
    "order-1",
    Array.from({ length: EVENTS }, () => newEvent()),
    { expectedVersion: "noStream" },
  );
  writeFileSync(join(directory, "notes.txt"), "These are notes.");
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("streams lists the streams of a file", async () => {
  expect(await runCommandLine(["streams", "--store", bank, "--prefix", "account"])).toEqual({
    status: 0,
    output: "EVENTS  VERSION  STREAM\n     2        1  account-1\n",
    errors: "",
  });
});

test("events lists as many events as asked for", async () => {
  const { status, output } = await runCommandLine([
    "events",
    "--store",
    bank,
    "--category",
    "order",
    "--backwards",
    "--limit",
    "3",
    "--json",
  ]);
  expect(status).toBe(0);
  const events = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(events).toMatchObject([{ version: EVENTS - 1 }, { version: EVENTS - 2 }, { version: EVENTS - 3 }]);
});

test("all of a long log is written before the process ends", async () => {
  const { status, output } = await runCommandLine(["events", "--store", bank, "--json"]);
  expect(status).toBe(0);
  expect(output.split("\n")).toHaveLength(EVENTS + 3);
});

test("a reader that goes away, like head, ends it quietly", async () => {
  const { status, errors, output } = await runCommandLine(["events", "--store", bank], 100);
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  expect(output.length).toBeLessThan(EVENTS * 10);
});

test("help tells what json looks like", async () => {
  const { status, output } = await runCommandLine(["streams", "--help"]);
  expect(status).toBe(0);
  expect(output.replaceAll(/\s+/g, " ")).toContain("one JSON object a line: stream, category, events, version");
});

test("the version is told", async () => {
  expect(await runCommandLine(["--version"])).toMatchObject({ status: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

test.each([
  [
    ["streams", "--store", "memory"],
    "A memory store lives inside its process only and cannot be looked into from here. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE, kurrentdb://HOST:PORT.",
  ],
  [
    ["streams", "--store", "floppy:a"],
    "The store floppy:a has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE, kurrentdb://HOST:PORT.",
  ],
  [
    ["streams", "--store", "constructor:a"],
    "The store constructor:a has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE, kurrentdb://HOST:PORT.",
  ],
  [
    ["streams", "--store", "bank.db"],
    "The store bank.db has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE, kurrentdb://HOST:PORT.",
  ],
  [["streams", "--store", "sqlite:"], "The store sqlite: names no place. Write it like sqlite:FILE."],
  [["streams", "--store", `sqlite:${directory}/none.db`], `SQLite store ${directory}/none.db does not exist.`],
  [["streams", "--store", `sqlite:${directory}`], `SQLite store ${directory} is a directory, and must be a file.`],
  [
    ["streams", "--store", `sqlite:${directory}/notes.txt`],
    `SQLite store ${directory}/notes.txt is not a SQLite database. It was not changed. Give the path of an event store.`,
  ],
  [["events"], "required option '--store <url>' not specified"],
  [
    ["events", "--store", bank, "--limit", "0"],
    "option '--limit <number>' argument '0' is invalid. It must be an integer from 1 to 2^53 - 1.",
  ],
  [
    ["events", "--store", bank, "--from", "-1"],
    "option '--from <number>' argument '-1' is invalid. It must be an integer from 0 to 2^53 - 1.",
  ],
  [["events", "--store", bank, "--stream", ""], "option '--stream <name>' argument '' is invalid. It must not be blank."],
  [["events", "--store", bank, "--category", ""], "option '--category <name>' argument '' is invalid. It must not be blank."],
  [["events", "--store", bank, "--type", " "], "option '--type <name>' argument ' ' is invalid. It must not be blank."],
  [["streams", "--store", ""], "option '--store <url>' argument '' is invalid. It must not be blank."],
  [["events", "--store", bank, "--stream", "a", "--type", "b"], "option '--stream <name>' cannot be used with option '--type <name>'"],
  [["abolish"], "unknown command 'abolish'"],
])("%j is refused in one sentence, with status 2", async (args, sentence) => {
  expect(await runCommandLine(args)).toEqual({ status: 2, output: "", errors: `reactive-domain: ${sentence}\n` });
});
