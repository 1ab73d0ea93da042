import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runBank, runBankOn } from "./run-cli.ts";

const TIMEOUT_MS = 60_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("a store whose content is damaged", () => {
  it.each([
    ["an unknown event", "Nope", "{}", /has the type Nope/],
    ["a broken event", "AccountOpened", "{", /is not JSON/],
    [
      "a deposit into an account that was never opened",
      "AmountDeposited",
      '{"accountId":"a","amountCents":1}',
      /before the opening of account a/,
    ],
  ])("is told in a sentence, with status 2: %s", { timeout: TIMEOUT_MS }, async (_, type, data, expected) => {
    await writeEvent(type, data);
    const { status, output, errors } = await runBank([], folder);

    expect(errors).toMatch(/^[^\n]+\n$/);
    expect(errors).toMatch(expected);
    expect({ status, output }).toEqual({ status: 2, output: "" });
  });
});

describe("standard input", () => {
  it("that is a directory is told in a sentence, with status 2", { timeout: TIMEOUT_MS }, () => {
    const { status, output, errors } = runBankOn([folder, undefined, undefined], ["-", "--store", "memory"], folder);

    expect(errors).toMatch(/^Standard input is a directory\.[^\n]+\n$/);
    expect({ status, output }).toEqual({ status: 2, output: "" });
  });
});

async function writeEvent(type: string, data: string): Promise<void> {
  await using store = await openSqliteStore(join(folder, "bank.db"));
  const event = {
    id: "019b76da-a800-7000-8000-000000000001",
    type,
    data,
    schemaVersion: 1,
    contentType: "application/json",
    metadata: "{}",
  };
  await store.append("banking.account-a", [event], { expectedVersion: "noStream" });
}
