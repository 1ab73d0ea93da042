import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExpectedVersion, MessageBuilder } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openBank } from "../src/application/bank.ts";
import { parseArguments } from "../src/cli/arguments.ts";
import { runStatement } from "../src/cli/run-statement.ts";
import { runBank as runBankHere } from "../src/cli/run-bank.ts";
import { sentenceOf } from "../src/cli/sentence-of.ts";
import { Deposit, OpenAccount, Withdraw } from "../src/domain/messages.ts";
import { runBank } from "./run-cli.ts";

const TIMEOUT_MS = 60_000;
const accountId = "a";
const month = new Date().toISOString().slice(0, 7);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Shown {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** What the command line shows of a statement in `bank.db`. */
async function show(wantedMonth: string, asOf?: string): Promise<Shown> {
  let [output, errors] = ["", ""];
  const status = await runStatement({
    accountId,
    month: wantedMonth,
    asOf,
    store: `sqlite:${join(folder, "bank.db")}`,
    signal: new AbortController().signal,
    output: { write: (text) => (output += text) },
    errors: { write: (text) => (errors += text) },
  });
  return { status, output, errors };
}

describe("a statement", () => {
  it("is shown with every booking, now and as of a time, or refused in a sentence", { timeout: TIMEOUT_MS }, async () => {
    {
      await using store = await openSqliteStore(join(folder, "bank.db"));
      await using bank = await openBank(store);
      await bank.commands.send(new OpenAccount({ accountId, owner: "Ann" }));
      await bank.commands.send(MessageBuilder.create(new Deposit({ accountId, amountCents: 100_500 }), { id: "c2" }));
      await bank.commands.send(MessageBuilder.create(new Withdraw({ accountId, amountCents: 250 }), { id: "c3" }));
    }
    const shown = await show(month);
    expect(shown).toMatchObject({ status: 0, errors: "" });
    expect(shown.output.replaceAll(/\d{4}-\d{2}-\d{2}T\S+Z/g, "TIME").replaceAll(/ +/g, " ")).toBe(
      [
        `Statement of a (Ann) for ${month}, so far`,
        " opening balance 0.00",
        " TIME deposit 1,005.00 1,005.00 command c2",
        " TIME withdrawal -2.50 1,002.50 command c3",
        " closing balance 1,002.50",
        "",
      ].join("\n"),
    );
    const asOf = new Date().toISOString();
    expect(await show(month, asOf)).toMatchObject({ status: 0, output: shown.output.replace(", so far", `, as of ${asOf}`) });
    const before = await show(month, "2020-01-01T00:00:00.000Z");
    expect(before).toEqual({ status: 1, output: "", errors: "There is no account a.\n" });
  });

  it("makes no store where there is none", { timeout: TIMEOUT_MS }, async () => {
    const { status, errors } = await runBank(["statement", "a", month], folder);
    expect({ status, errors }).toEqual({ status: 2, errors: expect.stringMatching(/^[^\n]*bank\.db does not exist\.\n$/) as string });
    expect(await readdir(folder)).toEqual([]);
  });

  it("is asked for by account and month, and by a time with a zone", () => {
    const wanted = { kind: "statement", accountId: "a", month: "2026-11", store: "sqlite:bank.db" };
    expect(parseArguments(["statement", "a", "2026-11"])).toEqual({ ...wanted, asOf: undefined });
    expect(parseArguments(["statement", "a", "2026-11", "--store", "memory", "--as-of", "2026-11-15T12:00+01:00"])).toEqual({
      ...wanted,
      store: "memory",
      asOf: "2026-11-15T11:00:00.000Z",
    });
  });

  it.each([
    ["a month that is none", ["a", "2026-13"], /must be a month like 2026-11/],
    ["a time without a zone", ["a", month, "--as-of", "2026-01-01T00:00"], /must be a time with a zone/],
    ["a time that is none", ["a", month, "--as-of", "2026-99-01T00:00Z"], /must be a time with a zone/],
    ["no month", ["a"], /missing required argument 'month'/],
  ])("is told what cannot be shown, with status 2: %s", (_, args, expected) => {
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const wanted = parseArguments(["statement", ...args]);
    const errors = told.mock.calls.map(([text]) => text).join("");
    told.mockRestore();
    expect(wanted).toEqual({ kind: "exit", status: 2 });
    expect(errors).toMatch(expected);
  });
});

it("a read model that is stopped makes the run fail with a sentence", { timeout: TIMEOUT_MS }, async () => {
  const file = join(folder, "bank.db");
  {
    await using store = await openSqliteStore(file);
    const data = '{"accountId":"x","amountCents":1}';
    const id = "019b76da-a800-7000-8000-000000000001";
    const event = { id, type: "AmountDeposited", schemaVersion: 1, contentType: "application/json", data, metadata: "{}" };
    await store.append("banking.account-x", [event], { expectedVersion: ExpectedVersion.noStream });
  }
  const told = { write: () => expect.unreachable("It has no summary.") };
  const run = runBankHere({
    input: join(import.meta.dirname, "../data/commands.jsonl"),
    store: `sqlite:${file}`,
    signal: new AbortController().signal,
    output: told,
    errors: told,
  });
  const error: unknown = await run.catch((thrown: unknown) => thrown);
  expect(sentenceOf(error)).toMatch(/^(Balances|Statements) stopped taking category Account of banking at position 0 [^\n]+$/);
});
