import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runBank } from "../src/cli/run-bank.ts";
import { finished, startBank, type Finished } from "./run-cli.ts";

const TIMEOUT_MS = 60_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(process.platform === "win32")("a bank that waits for a named pipe", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("without a writer ends at %s", { timeout: TIMEOUT_MS }, async (signal) => {
    makePipe();
    expect(await endedBy(signal)).toMatchObject({ status: 130, output: "" });
  });

  it("with an idle writer ends at a signal", { timeout: TIMEOUT_MS }, async () => {
    makePipe();
    const writer = await open(join(folder, "pipe"), "r+");
    expect(await endedBy("SIGINT")).toMatchObject({ status: 130, output: "" });
    await writer.close();
  });

  it("takes what a late writer writes", { timeout: TIMEOUT_MS }, async () => {
    makePipe();
    const end = finished(startBank(["pipe"], folder));
    await storeIsThere();
    const writer = await open(join(folder, "pipe"), "w");
    await writer.write('{"id":"c1","type":"OpenAccount","payload":{"accountId":"a","owner":"Ann"}}');
    await writer.close();
    expect(await end).toMatchObject({ status: 0, output: expect.stringMatching(/accepted +1\n/) as string });
  });
});

it("a signal that comes before the first line is read counts", async () => {
  let errors = "";
  const status = await runBank({
    input: join(import.meta.dirname, "../data/commands.jsonl"),
    store: "memory",
    signal: AbortSignal.abort(),
    output: { write: () => expect.unreachable("An interrupted run has no summary.") },
    errors: { write: (text: string) => (errors += text) },
  });
  expect({ status, errors }).toMatchObject({ status: 130, errors: expect.stringContaining("Interrupted after 0 commands") as string });
});

const MAKE_PIPE = "mkfifo";

function makePipe(): void {
  execFileSync(MAKE_PIPE, [join(folder, "pipe")]);
}

async function endedBy(signal: NodeJS.Signals): Promise<Finished> {
  const bank = startBank(["pipe"], folder);
  const end = finished(bank);
  await storeIsThere();
  bank.kill(signal);
  return end;
}

/** By then the bank listens to signals, and has opened its input. */
async function storeIsThere(): Promise<void> {
  await vi.waitFor(() => expect(existsSync(join(folder, "bank.db"))).toBe(true), { timeout: TIMEOUT_MS });
}
