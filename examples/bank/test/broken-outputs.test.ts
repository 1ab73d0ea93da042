import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { finished, runBankOn, startBank } from "./run-cli.ts";

const TIMEOUT_MS = 60_000;
const FULL = "/dev/full";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("standard errors that cannot be written", () => {
  it.runIf(process.platform === "linux")("do not keep the summary back: a full device", { timeout: TIMEOUT_MS }, async () => {
    await writeFile(join(folder, "bad.jsonl"), "bad\nworse\n");
    const { status, output } = runBankOn([undefined, undefined, FULL], ["bad.jsonl", "--store", "memory"], folder);

    expect(output).toMatch(/bad lines +2\n/);
    expect(status).toBe(1);
  });

  it("do not keep the summary back: a closed pipe", { timeout: TIMEOUT_MS }, async () => {
    const bank = startBank(["-", "--store", "memory"], folder);
    bank.stderr.destroy();
    bank.stdin.end("bad\nworse\n");
    const { status, output } = await finished(bank);

    expect(output).toMatch(/bad lines +2\n/);
    expect(status).toBe(1);
  });
});

describe("standard output that cannot be written", () => {
  it.runIf(process.platform === "linux").each([
    ["a summary", ["--store", "memory"]],
    ["made-up commands", ["--generate", "1000"]],
  ])("is told in a sentence, with status 2: %s", { timeout: TIMEOUT_MS }, (_, args) => {
    const { status, errors } = runBankOn([undefined, FULL, undefined], args, folder);

    expect(errors).toMatch(/^(\d+ commands.+\n)*(Last progress .+\n)?Cannot write standard output: ENOSPC[^\n]+\n$/);
    expect(status).toBe(2);
  });

  it("is no error when its reader has gone away", { timeout: TIMEOUT_MS }, async () => {
    const bank = startBank(["--store", "memory"], folder);
    bank.stdout.destroy();
    const { status, errors } = await finished(bank);

    expect({ status, errors }).toMatchObject({
      status: 0,
      errors: expect.stringMatching(/^(\d+ commands[^\n]+\n)+(Last progress [^\n]+\n)?$/) as string,
    });
  });
});
