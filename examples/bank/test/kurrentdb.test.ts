import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@reactive-domain/kurrentdb-server";
import type { EventStore, RecordedEvent } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { lettersIn } from "./letters-in.ts";
import { runBank } from "./run-cli.ts";

vi.setConfig({ testTimeout: 120_000 });
const [DAY, COUNT] = ["day.jsonl", "100"];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
  await runBank(["--generate", COUNT, "--seed", "5", "--output", DAY], folder);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Serves a store to the banks of one test. */
async function serve(store: EventStore): Promise<string> {
  const server = await startServer(store, { port: 0, insecure: true });
  onTestFinished(() => server.close());
  return server.url;
}

/** A summary without the line that names the store. */
function withoutStore(output: string): string {
  return output.replace(/^Bank: .*$/m, "Bank");
}

describe.each(everyStore)("the bank on a KurrentDB that is served over $name", ({ open }) => {
  it("tells what became of a day of commands, and a second run changes nothing", async () => {
    await using store = await open();
    const url = await serve(store);
    const inMemory = await runBank([DAY, "--store", "memory"], folder);
    const first = await runBank([DAY, "--store", url], folder);
    const second = await runBank([DAY, "--store", url], folder);

    expect(first).toMatchObject({ status: 0 });
    expect(withoutStore(first.output)).toBe(withoutStore(inMemory.output));
    expect(first.output).toMatch(/^Bank: kurrentdb:\/\/127\.0\.0\.1:/m);
    expect(second.output).toBe(first.output);
    expect(second.errors).toContain(`Nothing changed: all ${COUNT} commands had been carried out before`);
  });
});

describe("a bank's file", () => {
  it("is the same whether it was written through a server or directly, and is gone on with either way", async () => {
    const [served, direct] = [join(folder, "served.db"), join(folder, "direct.db")];
    await using store = await openSqliteStore(served);
    const throughServer = await runBank([DAY, "--store", await serve(store)], folder);
    const within = await runBank([DAY, "--store", `sqlite:${served}`, "--no-mail"], folder);
    await runBank([DAY, "--store", `sqlite:${direct}`, "--no-mail"], folder);

    expect(withoutStore(within.output)).toBe(withoutStore(throughServer.output));
    expect(within.errors).toContain(`Nothing changed: all ${COUNT} commands had been carried out before`);
    await using other = await openSqliteStore(direct, { readOnly: true });
    expect(await factsOf(store)).toEqual(await factsOf(other));
  });
});

it("letters are written as on any store, each once", async () => {
  await using store = await openSqliteStore(join(folder, "served.db"));
  const url = await serve(store);
  const direct = await runBank([DAY, "--store", `sqlite:${join(folder, "direct.db")}`, "--mail", "direct-letters"], folder);
  const first = await runBank([DAY, "--store", url, "--mail", "letters"], folder);
  const second = await runBank([DAY, "--store", url, "--mail", "letters"], folder);
  expect([direct.status, first.status, second.status]).toEqual([0, 0, 0]);
  const letters = await lettersIn(folder, "letters");
  expect(letters.length).toBeGreaterThan(0);
  expect(letters).toEqual(await lettersIn(folder, "direct-letters"));
});

type Fact = Pick<RecordedEvent, "id" | "stream" | "version" | "type" | "schemaVersion" | "contentType" | "data"> & {
  readonly metadata: unknown;
};

/** What was recorded of the bank, stream by stream, but what differs from run to run: when, in which commit, and where in the log. */
async function factsOf(store: EventStore): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  for await (const event of store.read({ all: true }, { filter: { streamPrefix: "banking." } })) {
    const { id, stream, version, type, schemaVersion, contentType, data, metadata } = event;
    const told = Object.entries(JSON.parse(metadata) as object).filter(([key]) => key !== "timeMs" && key !== "commitId");
    facts.push({ id, stream, version, type, schemaVersion, contentType, data, metadata: told });
  }
  return facts.toSorted((one, other) => (one.stream === other.stream ? one.version - other.version : one.stream < other.stream ? -1 : 1));
}
