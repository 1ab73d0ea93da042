import { join } from "node:path";
import { position } from "@reactive-domain/core";
import { openPostgresStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { newSchema, postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { run } from "../src/run.ts";
import { collectOutput } from "./collected-output.ts";
import { runCommandLine, startCommandLine } from "./command-line.ts";

vi.setConfig({ testTimeout: 60_000 });

const TRIAL_SCHEMAS = "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'reactive\\_domain\\_trial\\_%' ORDER BY nspname";

/** Runs a command within this process. */
async function command(...args: readonly string[]) {
  const output = collectOutput();
  const complaints: string[] = [];
  const status = await run(args, output, (line) => complaints.push(line));
  return { status, lines: output.lines, complaints };
}

describe.each(await postgresServers())("the command line with a store on $name", ({ url: server }) => {
  /** The URL of a schema, with a password that the server does not ask for. */
  function urlOf(schema: string): string {
    const url = new URL(server);
    url.password = "secret";
    url.searchParams.set("schema", schema);
    return url.href;
  }

  async function bank(): Promise<string> {
    const url = urlOf(temporarySchema(server));
    await using store = await openPostgresStore(url);
    await store.append("account-1", [newEvent(), newEvent()], { expectedVersion: "noStream" });
    await store.append("order-1", [newEvent()], { expectedVersion: "noStream" });
    await store.write([{ kind: "checkpoint", name: "balances", expected: null, position: position(1) }]);
    return url;
  }

  async function trialSchemas(): Promise<readonly string[]> {
    const { rows } = await withClient(server, (client) => client.query<{ name: string }>(TRIAL_SCHEMAS));
    return rows.map(({ name }) => name);
  }

  test("the program lists streams and events", async () => {
    const url = await bank();
    expect(await runCommandLine(["streams", "--store", url])).toEqual({
      status: 0,
      output: "EVENTS  VERSION  STREAM\n     2        1  account-1\n     1        0  order-1\n",
      errors: "",
    });
    const { lines } = await command("events", "--store", url.replace(/^postgres:/, "postgresql:"), "--category", "order", "--json");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ position: 2, stream: "order-1" }]);
  });

  test.each([["streams"], ["events"], ["db", "status"], ["db", "check"], ["db", "vacuum"]])(
    "%s %s makes nothing where there is no store",
    async (...names) => {
      const schema = newSchema();
      const { status, lines, complaints } = await command(...names.filter(Boolean), "--store", urlOf(schema));
      expect({ status, lines }).toEqual({ status: 2, lines: [] });
      expect(complaints).toEqual([
        expect.stringMatching(/^reactive-domain: PostgreSQL store .* was not made yet\. Run `reactive-domain db migrate`/),
      ]);
      const { rows } = await withClient(server, (client) => client.query("SELECT to_regnamespace($1) AS schema", [schema]));
      expect(rows).toEqual([{ schema: null }]);
    },
  );

  test("db status tells what there is", async () => {
    const { status, lines } = await command("db", "status", "--store", await bank(), "--sizes");
    expect(status).toBe(0);
    const text = lines.join("\n");
    expect(text).toMatch(/^store {12}PostgreSQL store t_\w+ in \w+ at 127\.0\.0\.1:\d+\ndurability {7}PostgreSQL 1\d/);
    expect(text).toMatch(/\nsize {13}\d+\.\d KiB\nhead {13}2\nevents {11}3\n/);
    expect(text).toContain("\nPOSITION  LAG  CHECKPOINT\n       1    1  balances\n");
    expect(text).toMatch(/\n *BYTES {2}TABLE OR INDEX\n/);
  });

  test("db migrate makes a store, db sql tells what it would do", async () => {
    const url = urlOf(temporarySchema(server));
    const sql = await command("db", "sql", "--store", url);
    expect(sql).toMatchObject({ status: 0, complaints: [] });
    expect([sql.lines[0], sql.lines.at(-1)]).toEqual(["BEGIN;", "COMMIT;"]);
    expect(await command("db", "migrate", "--store", url)).toMatchObject({ lines: [expect.stringMatching(/^schema 0 -> \d+$/)] });
    expect(await command("db", "migrate", "--store", url)).toMatchObject({ lines: [expect.stringMatching(/^nothing to do: /)] });
    expect(await command("db", "sql", "--store", url)).toMatchObject({ lines: ["-- Nothing to do: the schema is the newest."] });
    expect(await command("db", "check", "--store", url)).toEqual({ status: 0, lines: ["ok"], complaints: [] });
    expect(await command("db", "vacuum", "--store", url, "--busy-timeout", "1000")).toMatchObject({ status: 0, complaints: [] });
  });

  test("db check has a line for each finding and status 1, and tells no password", async () => {
    const url = await bank();
    const schema = new URL(url).searchParams.get("schema");
    await withClient(server, (client) => client.query(`UPDATE ${schema}.events SET data = 'no' WHERE position = 2`));
    const { status, lines, complaints } = await command("db", "check", "--store", url);
    expect({ status, lines }).toEqual({ status: 1, lines: ["json: Event 2 of stream order-1 has data that is not JSON."] });
    expect(complaints).toEqual([expect.stringMatching(/^reactive-domain: postgres:\/\/\w+:\*\*\*@.* has 1 finding\.$/)]);
  });

  test("db backup is refused, and says what to take instead", async () => {
    const { status, lines, complaints } = await command(
      "db",
      "backup",
      "--store",
      await bank(),
      "--to",
      join(temporaryDirectory(), "copy"),
    );
    expect({ status, lines }).toEqual({ status: 2, lines: [] });
    expect(complaints).toEqual([expect.stringMatching(/does not support backup: .*pg_dump/)]);
  });

  test("copy brings a store to SQLite and back, with nothing changed", async () => {
    const [from, there, back] = [await bank(), `sqlite:${join(temporaryDirectory(), "there.db")}`, urlOf(temporarySchema(server))];
    for (const [source, target] of [
      [from, there],
      [there, back],
    ] as const)
      expect(await command("copy", "--from", source, "--to", target)).toMatchObject({
        status: 0,
        complaints: [],
        lines: expect.arrayContaining([expect.stringMatching(/^Compared: 3 events, .* Both are the same\.$/)]),
      });
    const [one, other] = [await command("events", "--store", from, "--json"), await command("events", "--store", back, "--json")];
    expect(other).toEqual(one);
    expect(await command("db", "check", "--store", back)).toMatchObject({ lines: ["ok"] });
  });

  test("conformance tries out schemas of its own, which are dropped, and tells no password", async () => {
    const url = urlOf("reactive_domain");
    const before = await trialSchemas();
    const { status, lines, complaints } = await command("conformance", "--store", url, "--only", "appends");
    expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
    expect(lines[0]).toMatch(/^postgres:\/\/\w+:\*\*\*@[^:]+:\d+\/\w+\?schema=reactive_domain: PostgreSQL 1\d/);
    expect(lines.at(-1)).toMatch(/^\d+ passed, 0 failed, 0 gaps$/);
    expect(await trialSchemas()).toEqual(before);
  });

  test("conformance that is ended by SIGTERM drops its schemas", async () => {
    const before = await trialSchemas();
    const { child, ended } = startCommandLine(["conformance", "--store", server]);
    await vi.waitFor(async () => expect((await trialSchemas()).length).toBeGreaterThan(before.length + 1), { timeout: 30_000 });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ status: null, signal: "SIGTERM", output: "" });
    expect(await trialSchemas()).toEqual(before);
  });
});

test.each([
  [
    ["streams"],
    "postgres://ann:secret@127.0.0.1:1/bank",
    "PostgreSQL store reactive_domain in bank at 127.0.0.1:1 cannot be reached: nothing listens there",
  ],
  [["db", "status"], "postgres://ann:secret@127.0.0.1:1/bank", "PostgreSQL store reactive_domain in bank at 127.0.0.1:1 cannot be reached"],
  [["conformance"], "postgres://ann:secret@127.0.0.1:1/bank", "PostgreSQL store reactive_domain_trial_"],
  [["streams"], "mysql://ann:secret@127.0.0.1/bank", "The store mysql://ann:***@127.0.0.1/bank has no known scheme."],
  [["streams"], "postgres:", "The store postgres: names no place. Write it like postgres://USER@HOST/DATABASE."],
  [["streams"], "postgres:bank", 'where must be a URL like postgres://user@host/database, or a Pool of pg, but is "postgres:bank".'],
  [["db", "migrate"], "postgres://ann:secret@127.0.0.1:bad/bank", "where must be a URL like postgres://user@host/database"],
])("%j of %s is refused in one sentence, with status 2 and without the password", async (names, url, sentence) => {
  const { status, lines, complaints } = await command(...names, "--store", url);
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
  expect(complaints).toEqual([expect.stringContaining(`reactive-domain: ${sentence}`)]);
  expect(complaints[0]).not.toContain("secret");
});
