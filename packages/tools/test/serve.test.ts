import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { FORWARDS, jsonEvent, KurrentDBClient, NO_STREAM, START } from "@kurrent/kurrentdb-client";
import { openPostgresStore } from "@reactive-domain/postgres";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { runCommandLine, startCommandLine, type CommandLine } from "./command-line.ts";

vi.setConfig({ testTimeout: 60_000 });

const PRIVATE_NOTE = "No authentication, no encryption: every program on this machine may read and write all of the store.\n";

interface Served extends CommandLine {
  /** What it wrote first. */
  readonly line: string;
}

/** Runs `serve` in a process of its own, and waits until it listens. */
async function serve(...args: readonly string[]): Promise<Served> {
  const served = startCommandLine(["serve", ...args]);
  onTestFinished(() => void served.child.kill("SIGKILL"));
  const first = await Promise.race([once(served.child.stdout ?? served.child, "data"), served.ended.then(({ errors }) => [errors])]);
  return { ...served, line: String(first[0]).trimEnd() };
}

function urlIn(line: string): string {
  return /^kurrentdb:\/\/\S+/.exec(line)?.[0] ?? "";
}

function connect(url: string): KurrentDBClient {
  const client = KurrentDBClient.connectionString(url);
  onTestFinished(() => client.dispose());
  return client;
}

function deposited(amountCents: number) {
  return jsonEvent({ type: "AmountDeposited", data: { amountCents } });
}

async function amountsOf(client: KurrentDBClient, stream: string): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const { event } of client.readStream(stream, { fromRevision: START, direction: FORWARDS })) found.push(event?.data);
  return found;
}

test("a client of KurrentDB writes into a file that serve has made, and Ctrl-C ends it with status 0", async () => {
  const file = join(temporaryDirectory(), "events.db");
  const { child, ended, line } = await serve("--store", `sqlite:${file}`, "--port", "0");
  expect(line).toMatch(
    /^kurrentdb:\/\/127\.0\.0\.1:\d+\?tls=false serves sqlite:\S+events\.db \(.*synchronous.*\)\. Stop it with Ctrl-C\.$/i,
  );
  const client = connect(urlIn(line));
  await client.appendToStream("account-1", [deposited(1), deposited(2)], { streamState: NO_STREAM });
  expect(await amountsOf(client, "account-1")).toEqual([{ amountCents: 1 }, { amountCents: 2 }]);
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ status: 0, signal: null, errors: PRIVATE_NOTE });
  await using store = await openSqliteStore(file, { readOnly: true });
  expect(await store.streamInfo("account-1")).toMatchObject({ lastVersion: 1 });
});

test("SIGTERM ends subscriptions, and serve with status 0", async () => {
  const { child, ended, line } = await serve("--store", "memory", "--port", "0");
  const client = connect(urlIn(line));
  const subscription = client.subscribeToAll({ fromPosition: START });
  const over = new Promise((resolve) => subscription.once("error", resolve).once("close", resolve));
  await new Promise((resolve) => subscription.once("caughtUp", resolve).resume());
  child.kill("SIGTERM");
  await over;
  expect(await ended).toMatchObject({ status: 0, signal: null });
});

test("what is started again on the same port and file goes on where it was", async () => {
  const store = `sqlite:${join(temporaryDirectory(), "events.db")}`;
  const first = await serve("--store", store, "--port", "0");
  const { port } = new URL(urlIn(first.line));
  await connect(urlIn(first.line)).appendToStream("account-1", deposited(1), { streamState: NO_STREAM });
  first.child.kill("SIGKILL");
  await first.ended;
  const second = await serve("--store", store, "--port", port);
  const client = connect(urlIn(second.line));
  await client.appendToStream("account-1", deposited(2), { streamState: 0n });
  expect(await amountsOf(client, "account-1")).toEqual([{ amountCents: 1 }, { amountCents: 2 }]);
});

test("with --json it tells the same as one object", async () => {
  const { child, ended, line } = await serve("--store", "memory", "--port", "0", "--json");
  const told = JSON.parse(line) as { readonly port: number };
  expect(told).toEqual({
    url: `kurrentdb://127.0.0.1:${told.port}?tls=false`,
    host: "127.0.0.1",
    port: expect.any(Number),
    store: "memory",
    durability: expect.stringContaining("process"),
    authentication: "none",
  });
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ status: 0 });
});

test("an address that others reach has to be asked for, and is warned of", async () => {
  const { child, ended, line } = await serve("--store", "memory", "--port", "0", "--host", "0.0.0.0");
  expect(line).toContain(" serves memory ");
  child.kill("SIGTERM");
  expect((await ended).errors).toMatch(
    /^WARNING: no authentication, no encryption: whoever reaches 0\.0\.0\.0:\d+ over the network may read and write all of the store\./,
  );
});

test("a port that is taken is told in one sentence, with status 2", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { status, output, errors } = await runCommandLine(["serve", "--store", "memory", "--port", String(port)]);
  expect({ status, output }).toEqual({ status: 2, output: "" });
  expect(errors.trimEnd().split("\n")).toEqual([expect.stringMatching(new RegExp(`^reactive-domain: .*127\\.0\\.0\\.1:${port}.*`))]);
});

const directory = join(import.meta.dirname, "none");

test.each([
  [["serve"], "required option '--store <url>' not specified"],
  [
    ["serve", "--store", "floppy:a"],
    "The store floppy:a has no known scheme. Give one of these: memory, sqlite:FILE, postgres://USER@HOST/DATABASE.",
  ],
  [["serve", "--store", `sqlite:${directory}/a.db`], `SQLite store ${directory}/a.db cannot be made: there is no directory`],
  [
    ["serve", "--store", "postgres://ann:secret@127.0.0.1:1/bank"],
    "PostgreSQL store reactive_domain in bank at 127.0.0.1:1 cannot be reached",
  ],
  [
    ["serve", "--store", "memory", "--port", "65536"],
    "option '--port <number>' argument '65536' is invalid. It must be an integer from 0 to 65535.",
  ],
  [
    ["serve", "--store", "memory", "--port", "x"],
    "option '--port <number>' argument 'x' is invalid. It must be an integer from 0 to 65535.",
  ],
  [["serve", "--store", "memory", "--host", " "], "option '--host <address>' argument ' ' is invalid. It must not be blank."],
])("%j is refused in one sentence, with status 2", async (args, sentence) => {
  const { status, output, errors } = await runCommandLine(args);
  expect({ status, output }).toEqual({ status: 2, output: "" });
  expect(errors.trimEnd().split("\n")).toEqual([expect.stringContaining(`reactive-domain: ${sentence}`)]);
  expect(errors).not.toContain("secret");
});

describe.each(await postgresServers())("a store on $name", ({ url: server }) => {
  test("is made and served, and its password is not told", async () => {
    const url = new URL(server);
    url.password = "secret";
    url.searchParams.set("schema", temporarySchema(server));
    const { child, ended, line } = await serve("--store", url.href, "--port", "0");
    expect(line).toMatch(/ serves postgres:\/\/\w+:\*\*\*@\S+ \(PostgreSQL 1\d.*\)\. Stop it with Ctrl-C\.$/);
    await connect(urlIn(line)).appendToStream("account-1", [deposited(1)], { streamState: NO_STREAM });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ status: 0, errors: PRIVATE_NOTE });
    await using store = await openPostgresStore(url.href, { readOnly: true });
    expect(await store.streamInfo("account-1")).toMatchObject({ lastVersion: 0 });
  });
});
