import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { position } from "@reactive-domain/core";
import { copyStore } from "@reactive-domain/persistence";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test, vi } from "vitest";
import { collectOutput } from "./collected-output.ts";
import { runCommandLine, startCommandLine, type Ended } from "./command-line.ts";
import { run } from "../src/run.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A closed store with 500 events, half of them scavenged, a checkpoint and a group. */
async function bankFile(): Promise<string> {
  const file = join(temporaryDirectory(), "bank.db");
  await using store = await openSqliteStore(file);
  for (const stream of ["account-1", "account-2"])
    await store.append(
      stream,
      Array.from({ length: 250 }, () => newEvent({ data: JSON.stringify({ note: "x".repeat(1_000) }) })),
      { expectedVersion: "noStream" },
    );
  await store.write([
    { kind: "delete", stream: "account-1", expectedVersion: "exists" },
    { kind: "checkpoint", name: "balances", expected: null, position: position(400) },
  ]);
  await store.groups.create("mailer", { source: { all: true }, from: "start" });
  await store.scavenge();
  return file;
}

/** Runs a command within this process. */
async function db(command: string, file: string, ...more: readonly string[]): Promise<Omit<Ended, "signal">> {
  const output = collectOutput();
  const complaints: string[] = [];
  const status = await run(["db", command, "--store", `sqlite:${file}`, ...more], output, (line) => complaints.push(line));
  return { status, output: inLines(output.lines), errors: inLines(complaints) };
}

function inLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

test("the program runs the db commands, and their help tells what json looks like", async () => {
  expect(await runCommandLine(["db", "check", "--store", `sqlite:${await bankFile()}`])).toEqual({ status: 0, output: "ok\n", errors: "" });
  const { output } = await runCommandLine(["db", "backup", "--help"]);
  expect(output).toContain("one JSON object: target, bytes, head");
});

test("status tells what there is in columns, and with json as one object", async () => {
  const file = await bankFile();
  const { status, output } = await db("status", file, "--sizes");
  expect(status).toBe(0);
  expect(output).toMatch(
    /^store {12}SQLite store .*bank\.db\ndurability {7}SQLite, journal_mode=wal, synchronous=FULL\nschema {11}\d+, the newest\n/,
  );
  expect(output).toMatch(/\nhead {13}499\nevents {11}250\n/);
  expect(output).toContain("\nPOSITION  LAG  CHECKPOINT\n     400   99  balances\n");
  expect(output).toContain("\nLAG  WAITING  CLAIMED  PARKED  GROUP\n500        0        0       0  mailer\n");
  expect(output).toMatch(/\n *BYTES {2}TABLE OR INDEX\n *\d+ {2}events\n/);

  const json = await db("status", file, "--json");
  expect(JSON.parse(json.output)).toMatchObject({ head: 499, events: { count: 250, isExact: true }, sizes: null });
  expect(json.output.split("\n")).toHaveLength(2);
});

test("a sound store is ok, and one that is not has a line for each finding and status 1", async () => {
  const file = await bankFile();
  expect(await db("check", file)).toEqual({ status: 0, output: "ok\n", errors: "" });
  expect(await db("check", file, "--json", "--json-events", "10")).toEqual({ status: 0, output: "", errors: "" });
  const store = await openSqliteStore(file);
  await store.append("account-2", [newEvent({ data: "no" }), newEvent({ metadata: "" })], { expectedVersion: "exists" });
  await store.close();
  const errors = `reactive-domain: sqlite:${file} has 2 findings.\n`;
  expect(await db("check", file)).toEqual({
    status: 1,
    output:
      "json: Event 501 of stream account-2 has metadata that is not JSON.\njson: Event 500 of stream account-2 has data that is not JSON.\n",
    errors,
  });
  const json = await db("check", file, "--json");
  expect(json).toMatchObject({ status: 1, errors });
  const findings = json.output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(findings).toMatchObject([{ law: "json", problem: expect.any(String) }, { law: "json" }]);
});

test("a damaged file is told in findings, without a stack trace", async () => {
  const file = await bankFile();
  writeFileSync(file, readFileSync(file).subarray(0, 20 * 4096));
  const { status, output, errors } = await db("check", file);
  expect(status).toBe(1);
  expect(output).toMatch(/^storage: .*SQLite says: /);
  expect(errors).toMatch(/^reactive-domain: sqlite:.* has \d+ findings?\.\n$/);
  expect(await db("status", file)).toEqual({
    status: 1,
    output: "",
    errors: `reactive-domain: SQLite store ${file} is damaged; restore it from a backup.\n`,
  });
});

test("migrate tells that there is nothing to do, or from where to where", async () => {
  const file = await bankFile();
  expect(await db("migrate", file)).toEqual({
    status: 0,
    output: expect.stringMatching(/^nothing to do: schema \d+ is the newest\n$/),
    errors: "",
  });
  const { output } = await db("migrate", file, "--json");
  const { from, to } = JSON.parse(output) as { readonly from: number; readonly to: number };
  expect(from).toBe(to);
});

test("sql is not told of a store that migrates by itself", async () => {
  expect(await db("sql", await bankFile())).toEqual({
    status: 2,
    output: "",
    errors: expect.stringMatching(
      /^reactive-domain: SQLite store .* does not support migrationSql: it brings its file up by itself, .*\n$/,
    ),
  });
});

test("backup makes a store that has all of it, and refuses what is there already", async () => {
  const file = await bankFile();
  const to = `${file}.copy`;
  expect(await db("backup", file, "--to", to)).toEqual({
    status: 0,
    output: expect.stringMatching(/^\/.*bank\.db\.copy: \d+\.\d KiB, up to position 499, verified\n$/),
    errors: "",
  });
  expect(await db("backup", file, "--to", to)).toEqual({
    status: 2,
    output: "",
    errors: `reactive-domain: target must be a file that does not exist, but is ${described(to)}. Give another name, or have it replaced (replace: true, --replace).\n`,
  });
  const replaced = await db("backup", file, "--to", to, "--replace", "--json");
  expect(JSON.parse(replaced.output)).toEqual({ target: to, bytes: statSync(to).size, head: 499 });
  await using store = await openSqliteStore(to, { mustExist: true });
  expect(await store.append("account-2", [newEvent()], { expectedVersion: "exists" })).toMatchObject({ version: 250, position: 500 });
});

test("backup takes its target as a file or as the URL of one, and refuses other URLs", async () => {
  const file = await bankFile();
  const to = `${file}.copy`;
  const { status, output } = await db("backup", file, "--to", `sqlite:${to}`, "--json");
  expect({ status, target: (JSON.parse(output) as { readonly target: string }).target }).toEqual({ status: 0, target: to });
  expect(await db("backup", file, "--to", `${file}-12:30.db`)).toMatchObject({ status: 0 });
  expect(readdirSync(dirname(file))).toEqual(expect.arrayContaining(["bank.db-12:30.db", "bank.db.copy"]));
  for (const other of ["postgres://localhost/bank", "memory", "memory:", "file:copy.db"])
    expect(await db("backup", file, "--to", other)).toEqual({
      status: 2,
      output: "",
      errors: `reactive-domain: The target must be a file, as FILE or sqlite:FILE, but is ${other}. For another kind of store there is copy.\n`,
    });
  expect(await db("backup", file, "--to", "sqlite:")).toMatchObject({ status: 2, errors: expect.stringContaining("names no file") });
});

test("status and check tell of a copy that is under way", async () => {
  const file = await bankFile();
  const to = `${file}.moved`;
  const copying = await openSqliteStore(to);
  const source = await openSqliteStore(file);
  const onPart = (): never => {
    throw new Error("Enough.");
  };
  await expect(copyStore(source, copying, { maxPartEvents: 100, onPart })).rejects.toThrow("Enough.");
  expect((await db("status", to)).output).toContain("\ncopy             not whole yet, up to position ");
  expect((await db("check", to)).output).toContain(
    "copies: The store is a copy that was not finished: run the copy again, or remove it.\n",
  );
  await copyStore(source, copying);
  expect((await db("status", to)).output).toContain("\ncopy             whole, up to position 499; ");
  await Promise.all([copying.close(), source.close()]);
});

test("a backup that is ended by Ctrl-C leaves nothing", async () => {
  const file = join(temporaryDirectory(), "bank.db");
  const store = await openSqliteStore(file);
  const large = Array.from({ length: 150 }, () => newEvent({ contentType: "image/png", data: new Uint8Array(1_000_000) }));
  await Promise.all(large.map((event) => store.append("large-1", [event], { expectedVersion: "any" })));
  await store.close();
  const folder = join(temporaryDirectory(), "backups");
  mkdirSync(folder);
  const { child, ended } = startCommandLine(["db", "backup", "--store", `sqlite:${file}`, "--to", join(folder, "copy.db")]);
  await vi.waitFor(() => expect(readdirSync(folder)).not.toEqual([]), { interval: 1, timeout: 20_000 });
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ signal: "SIGINT", output: "" });
  expect(readdirSync(folder)).toEqual([]);
});

test("vacuum gives back what a scavenge left", async () => {
  const file = await bankFile();
  const before = statSync(file).size;
  const { status, output } = await db("vacuum", file, "--json");
  expect(status).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ after: statSync(file).size });
  expect(statSync(file).size).toBeLessThan(before);
  expect(await db("vacuum", file)).toEqual({ status: 0, output: expect.stringMatching(/^\d+\.\d KiB -> \d+\.\d KiB\n$/), errors: "" });
});

test("a time to wait that cannot be is refused", async () => {
  const file = await bankFile();
  expect(await db("vacuum", file, "--busy-timeout", "2147483648")).toEqual({
    status: 2,
    output: "",
    errors: "reactive-domain: busyTimeoutMs must be an integer from 0 to 2147483647, but is 2147483648.\n",
  });
  expect(await runCommandLine(["db", "vacuum", "--store", `sqlite:${file}`, "--busy-timeout", "soon"])).toMatchObject({
    status: 2,
    errors: expect.stringContaining("argument 'soon' is invalid. It must be an integer from 0 to 2^53 - 1."),
  });
});

test.each(["status", "migrate", "check", "vacuum"])("%s refuses what is no store in one sentence, with status 2", async (command) => {
  const folder = temporaryDirectory();
  const [notes, newer] = [join(folder, "notes.txt"), await bankFile()];
  writeFileSync(notes, "These are notes.");
  writeFileSync(newer, withSchemaVersion(readFileSync(newer), 1_000));
  for (const [file, sentence] of [
    [join(folder, "none.db"), "does not exist."],
    [folder, "is a directory, and must be a file."],
    [notes, "is not a SQLite database. It was not changed. Give the path of an event store."],
    [newer, "has schema version 1000, and this program knows none above"],
  ] as const) {
    const { status, output, errors } = await db(command, file);
    expect({ status, output }).toEqual({ status: 2, output: "" });
    expect(errors.startsWith(`reactive-domain: SQLite store ${file} ${sentence}`)).toBe(true);
    expect(errors.split("\n")).toHaveLength(2);
  }
});

test("a store in memory cannot be looked after, and a backup needs a target", async () => {
  expect(await runCommandLine(["db", "status", "--store", "memory"])).toEqual({
    status: 2,
    output: "",
    errors: "reactive-domain: The store memory has no known scheme. Give one of these: sqlite:FILE, postgres://USER@HOST/DATABASE.\n",
  });
  expect(await runCommandLine(["db", "backup", "--store", `sqlite:${await bankFile()}`])).toMatchObject({
    status: 2,
    errors: expect.stringContaining("required option '--to <file>'"),
  });
});

function described(path: string): string {
  return JSON.stringify(path.length > 60 ? `${path.slice(0, 57)}...` : path);
}

/** SQLite's "Database File Format", section 1.3: where a file keeps its `user_version`. */
function withSchemaVersion(file: Buffer, version: number): Buffer {
  file.writeInt32BE(version, 60);
  return file;
}
