import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { newEvent } from "@reactive-domain/store-tests";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { expect, test } from "vitest";
import { OutputClosed } from "../src/errors.ts";
import type { Output } from "../src/output.ts";
import { ExitStatus, run } from "../src/run.ts";

async function bankFile(): Promise<string> {
  const file = join(temporaryDirectory(), "bank.db");
  await using store = await openSqliteStore(file);
  await store.append(
    "account-1",
    Array.from({ length: 500 }, () => newEvent()),
    { expectedVersion: "noStream" },
  );
  return file;
}

async function statusWith(file: string, output: Output): Promise<{ readonly status: ExitStatus; readonly complaints: readonly string[] }> {
  const complaints: string[] = [];
  const status = await run(["events", "--store", `sqlite:${file}`], output, (line) => complaints.push(line));
  return { status, complaints };
}

function failingOutput(error: Error): Output {
  return {
    async write() {
      throw error;
    },
  };
}

test("an output that nobody reads any more is no failure", async () => {
  expect(await statusWith(await bankFile(), failingOutput(new OutputClosed()))).toEqual({ status: ExitStatus.fine, complaints: [] });
});

test("an output that fails is told in one sentence, with status 1", async () => {
  expect(await statusWith(await bankFile(), failingOutput(new Error("No space left on device.")))).toEqual({
    status: ExitStatus.failed,
    complaints: ["reactive-domain: No space left on device."],
  });
});

test("a store that breaks while it is read is told in one sentence, with status 1", async () => {
  const file = await bankFile();
  writeFileSync(file, readFileSync(file).fill(0xff, 5 * 4096));
  const lines: string[] = [];
  const outcome = await statusWith(file, { write: async (more) => void lines.push(...more) });
  expect(outcome).toEqual({
    status: ExitStatus.failed,
    complaints: [`reactive-domain: SQLite store ${file} is damaged; restore it from a backup.`],
  });
});
