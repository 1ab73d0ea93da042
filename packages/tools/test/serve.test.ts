import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { FORWARDS, jsonEvent, KurrentDBClient, NO_STREAM, START } from "@kurrent/kurrentdb-client";
import { developmentCertificates } from "@reactive-domain/kurrentdb-server";
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

/** Runs `serve` without protection in a process of its own, and waits until it listens. */
function serve(...args: readonly string[]): Promise<Served> {
  return started("--insecure", ...args);
}

async function started(...args: readonly string[]): Promise<Served> {
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
    encryption: "none",
  });
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ status: 0 });
});

describe("encrypted", () => {
  const PASSWORD = "correct-horse";

  /** A file with the password of the administrator. */
  function passwordFile(): string {
    const file = join(temporaryDirectory(), "password");
    writeFileSync(file, `${PASSWORD}\n`);
    return file;
  }

  function withPassword(url: string): string {
    return url.replace("kurrentdb://", `kurrentdb://admin:${encodeURIComponent(PASSWORD)}@`);
  }

  test("with certificates for this machine, which are made once and used again", async () => {
    const directory = join(temporaryDirectory(), "certificates");
    const args = ["--store", "memory", "--port", "0", "--dev-certificates", directory, "--admin-password-file", passwordFile()];
    const { child, ended, line } = await started(...args);
    expect(urlIn(line)).toContain(`?tls=true&tlsCAFile=${encodeURIComponent(join(directory, "ca.crt"))}`);
    const client = connect(withPassword(urlIn(line)));
    await client.appendToStream("account-1", deposited(1), { streamState: NO_STREAM });
    expect(await amountsOf(client, "account-1")).toEqual([{ amountCents: 1 }]);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ status: 0, errors: "" });
    const again = await started(...args);
    expect(await amountsOf(connect(withPassword(urlIn(again.line))), "account-1").catch((error: unknown) => error)).toMatchObject({
      type: "stream-not-found",
    });
    expect(readdirSync(directory).toSorted()).toEqual(["ca.crt", "server.crt", "server.key"]);
  });

  test("with certificates that are given, and the password in the environment", async () => {
    const { cert, key, caFile = "" } = await developmentCertificates(temporaryDirectory());
    const directory = temporaryDirectory();
    const [certFile, keyFile] = [join(directory, "a.crt"), join(directory, "a.key")];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    vi.stubEnv("REACTIVE_DOMAIN_ADMIN_PASSWORD", PASSWORD);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { line } = await started("--store", "memory", "--port", "0", "--cert", certFile, "--key", keyFile, "--ca", caFile, "--json");
    const told = JSON.parse(line) as { readonly url: string };
    expect(told).toMatchObject({ authentication: "basic", encryption: "tls" });
    const client = connect(withPassword(told.url));
    await client.appendToStream("account-1", deposited(1), { streamState: NO_STREAM });
    expect(await amountsOf(client, "account-1")).toEqual([{ amountCents: 1 }]);
    expect(line).not.toContain(PASSWORD);
  });
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
  const { status, output, errors } = await runCommandLine(["serve", "--insecure", "--store", "memory", "--port", String(port)]);
  expect({ status, output }).toEqual({ status: 2, output: "" });
  expect(errors.trimEnd().split("\n")).toEqual([expect.stringMatching(new RegExp(`^reactive-domain: .*127\\.0\\.0\\.1:${port}.*`))]);
});

const directory = join(import.meta.dirname, "none");
const memory = ["serve", "--store", "memory", "--port", "0"];

test.each([
  [["serve"], "required option '--store <url>' not specified"],
  [
    ["serve", "--insecure", "--store", "floppy:a"],
    "The store floppy:a has no known scheme. Give one of these: memory, sqlite:FILE, postgres://USER@HOST/DATABASE.",
  ],
  [["serve", "--insecure", "--store", `sqlite:${directory}/a.db`], `SQLite store ${directory}/a.db cannot be made: there is no directory`],
  [
    ["serve", "--insecure", "--store", "postgres://ann:secret@127.0.0.1:1/bank"],
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
  [memory, "Say how the server is protected: --dev-certificates DIRECTORY"],
  [[...memory, "--insecure", "--dev-certificates", "a"], "--insecure and --dev-certificates exclude each other. Give one of them."],
  [
    [...memory, "--insecure", "--admin-password-file", "a"],
    "--insecure and --admin-password-file exclude each other: nobody is asked for a password there. Give one of them.",
  ],
  [[...memory, "--cert", "a.crt"], "A certificate and its key go together: give --cert FILE and --key FILE."],
  [
    [...memory, "--cert", `${directory}/a.crt`, "--key", "a.key"],
    `What --cert names cannot be used: ${directory}/a.crt: ENOENT: no such file or directory`,
  ],
  [
    [...memory, "--dev-certificates", join(import.meta.filename, "a")],
    `What --dev-certificates names cannot be used: ${join(import.meta.filename, "a")}: ENOTDIR`,
  ],
  [
    [...memory, "--cert", import.meta.filename, "--key", import.meta.filename],
    "The certificate is none that can be read. Give it as PEM, which begins with -----BEGIN CERTIFICATE-----.",
  ],
  [["serve", "--store", "memory", "--host", " "], "option '--host <address>' argument ' ' is invalid. It must not be blank."],
])("%j is refused in one sentence, with status 2", async (args, sentence) => {
  const { status, output, errors } = await runCommandLine(args);
  expect({ status, output }).toEqual({ status: 2, output: "" });
  expect(errors.trimEnd().split("\n")).toEqual([expect.stringContaining(`reactive-domain: ${sentence}`)]);
  expect(errors).not.toContain("secret");
});

test("a first password that is missing or too short is told in the words of the command line", async () => {
  const file = join(temporaryDirectory(), "password");
  writeFileSync(file, "short\n");
  const encrypted = [...memory, "--dev-certificates", temporaryDirectory()];
  const missing = await runCommandLine(encrypted);
  const ofFile = await runCommandLine([...encrypted, "--admin-password-file", file]);
  vi.stubEnv("REACTIVE_DOMAIN_ADMIN_PASSWORD", "short");
  onTestFinished(() => void vi.unstubAllEnvs());
  const ofVariable = await runCommandLine(encrypted);
  expect([missing, ofFile, ofVariable].map(({ status }) => status)).toEqual([2, 2, 2]);
  expect([missing, ofFile, ofVariable].map(({ errors }) => errors)).toEqual([
    "reactive-domain: The store has no user of group $admins yet, so that nobody could do anything. Give the first password of user admin by --admin-password-file FILE, or set REACTIVE_DOMAIN_ADMIN_PASSWORD.\n",
    "reactive-domain: The password in --admin-password-file must be text of 8 to 256 characters.\n",
    "reactive-domain: The password in REACTIVE_DOMAIN_ADMIN_PASSWORD must be text of 8 to 256 characters.\n",
  ]);
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
