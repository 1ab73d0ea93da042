import { join } from "node:path";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, onTestFinished, test, vi } from "vitest";
import { run } from "../src/run.ts";
import { collectOutput } from "./collected-output.ts";
import { runCommandLine } from "./command-line.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Runs a command within this process. */
async function command(...args: readonly string[]) {
  const output = collectOutput();
  const complaints: string[] = [];
  const status = await run(args, output, (line) => complaints.push(line));
  return { status, lines: output.lines, complaints };
}

/** The URL of a server with two streams, with a password that it does not ask for. */
async function bank(): Promise<string> {
  const kept = createInMemoryStore();
  const server = await startServer(kept, { port: 0, insecure: true });
  onTestFinished(() => server.close());
  await using store = await openKurrentStore(server.url);
  await store.append("account-1", [newEvent(), newEvent()], { expectedVersion: "noStream" });
  await store.append("order-1", [newEvent()], { expectedVersion: "noStream" });
  return server.url.replace("://", "://ann:secret@");
}

test("the program lists streams and events of a server, by each of its schemes", async () => {
  const url = await bank();
  expect(await runCommandLine(["streams", "--store", url])).toEqual({
    status: 0,
    output: "EVENTS  VERSION  STREAM\n     2        1  account-1\n     1        0  order-1\n",
    errors: "",
  });
  for (const scheme of ["kurrentdb", "esdb"]) {
    const { lines } = await command("events", "--store", url.replace(/^kurrentdb/, scheme), "--category", "order", "--json");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ stream: "order-1", version: 0 }]);
  }
});

test("a cluster's node is found by gossip", async () => {
  const url = (await bank()).replace(/^kurrentdb:/, "kurrentdb+discover:");
  expect(await command("events", "--store", url, "--stream", "account-1", "--json")).toMatchObject({
    status: 0,
    complaints: [],
    lines: [expect.any(String), expect.any(String)],
  });
});

const there = `sqlite:${join(import.meta.dirname, "none", "there.db")}`;

test.each([
  [["db", "status"], "A KurrentDB server is looked after by its own tools, and not by db."],
  [["db", "check"], "A KurrentDB server is looked after by its own tools, and not by db."],
  [["serve", "--insecure"], "A KurrentDB server needs no other one before it: let clients connect to it."],
  [["conformance"], "A KurrentDB server cannot be emptied for each case, so that conformance is not run on it from here."],
])("%j of a server is refused in one sentence, with status 2", async (names, sentence) => {
  const { status, lines, complaints } = await command(...names, "--store", "esdb+discover://ann:secret@127.0.0.1:1");
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
  expect(complaints).toEqual([expect.stringContaining(`reactive-domain: ${sentence}`)]);
});

test("read models are not kept there", async () => {
  const { status, complaints } = await command("projection", "list", "--views", "kurrentdb://127.0.0.1:1?tls=false");
  expect(status).toBe(2);
  expect(complaints).toEqual([expect.stringContaining("reactive-domain: A KurrentDB server keeps events, and no read models.")]);
});

test("a copy from a server or to one is refused with the reason, and nothing is made", async () => {
  const url = await bank();
  const from = await command("copy", "--from", url, "--to", there);
  expect(from).toMatchObject({ status: 2, lines: [], complaints: [expect.stringMatching(/does not support transfer: KurrentDB /)] });
  const source = `sqlite:${join(temporaryDirectory(), "source.db")}`;
  await (await openSqliteStore(source.replace("sqlite:", ""))).close();
  const to = await command("copy", "--from", source, "--to", url);
  expect(to).toMatchObject({ status: 2, lines: [], complaints: [expect.stringContaining("A KurrentDB server takes no copy")] });
});

test("consumer groups of a server are listed", async () => {
  const url = await bank();
  const store = await openKurrentStore(url);
  await store.groups.create("mailer", { source: { all: true } });
  await store.close();
  const { status, lines } = await command("group", "list", "--store", url);
  expect(status).toBe(0);
  expect(lines.join("\n")).toContain("mailer");
});

test("a server that is not there is told in one sentence, without the password, and soon", async () => {
  const { status, lines, complaints } = await command("streams", "--store", "kurrentdb://ann:secret@127.0.0.1:1?tls=false");
  expect({ status, lines }).toEqual({ status: 2, lines: [] });
  expect(complaints).toEqual([
    expect.stringMatching(/^reactive-domain: KurrentDB store kurrentdb:\/\/ann:\*\*\*@127\.0\.0\.1:1\?tls=false cannot be reached/),
  ]);
}, 15_000);
