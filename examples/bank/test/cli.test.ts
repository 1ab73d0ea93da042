import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventStore } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lettersIn } from "./letters-in.ts";
import { finished, runBank, startBank } from "./run-cli.ts";

const TIMEOUT_MS = 180_000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bank-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Lines of input, from objects or as they are. */
async function inputFile(...lines: readonly (object | string)[]): Promise<string> {
  await writeFile(join(folder, "commands.jsonl"), lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  return "commands.jsonl";
}

const READ_MODELS = `
Read models
  Balances on category Account of banking: live, 0 events and 0 ms behind
  Statements on category Account of banking: live, 0 events and 0 ms behind
  Statistics on all events of banking: live, 0 events and 0 ms behind
  balance-table: live, 0 events and 0 ms behind
  mailer: live, 0 events and 0 ms behind
`;

const open = { id: "c1", type: "OpenAccount", payload: { accountId: "a", owner: "Ann" } };
const deposit = { id: "c2", type: "Deposit", payload: { accountId: "a", amountCents: 500 } };

describe("the bank on its shipped commands", () => {
  it("tells what became of them, and a second run changes nothing and says so", { timeout: TIMEOUT_MS }, async () => {
    const first = await runBank([], folder);
    const second = await runBank([], folder);

    expect(first.status).toBe(0);
    expect(first.output).toMatch(/commands handled +400\n/);
    expect(first.output).toMatch(/ {4}insufficient-funds +\d+\n/);
    expect(first.output).toMatch(/-> event Amount[A-Za-z]+\n {4}id +\S+\n {4}correlation id \S+\n {4}caused by/);
    expect(first.errors).toMatch(
      /^(\d+ commands, .+\n)*400 commands in .+ a second\)\nLast progress of the read models: Balances [\d,]+ ms ago, .+\n18 letters written to bank\.db-mail\.\n$/,
    );
    expect(await lettersIn(folder, "bank.db-mail")).toHaveLength(18);
    expect(first.output).toContain(READ_MODELS);
    expect(second.output).toBe(first.output);
    expect(second.status).toBe(0);
    expect(second.errors).toContain("Nothing changed: all 400 commands had been carried out before");
    expect(second.errors).toContain("No new letters written to bank.db-mail.\n");
    expect(await lettersIn(folder, "bank.db-mail")).toHaveLength(18);
  });
});

describe("input", () => {
  it("is read from standard input for -, into memory when told so", { timeout: TIMEOUT_MS }, async () => {
    const { status, output } = await runBank(["-", "--store", "memory"], folder, `${JSON.stringify(open)}\n${JSON.stringify(deposit)}\n`);

    expect(status).toBe(0);
    expect(output).toContain("Input: standard input");
    expect(output).toMatch(/5\.00 {2}a {2}Ann/);
  });

  it("that is bad is reported with file, line and reason, and the rest is carried out", { timeout: TIMEOUT_MS }, async () => {
    const file = await inputFile(
      open,
      "{ not json",
      { id: "c3", type: "Steal", payload: {} },
      { id: "c4", type: "Deposit", payload: { accountId: "a", amountCents: "many" } },
      { ...deposit, id: "c1" },
      { id: "", type: "Deposit", payload: {} },
      { id: "c5", type: "Deposit", payload: null },
      { id: "c6", type: "Deposit", payload: { accountId: "a", amountCents: 1, extra: true } },
      '["a list"]',
      "",
      deposit,
    );
    const { status, output, errors } = await runBank([file], folder);

    expect(status).toBe(1);
    expect(output).toMatch(/commands handled +2\n/);
    expect(output).toMatch(/bad lines +8\n/);
    for (const [line, reason] of [
      [2, "not JSON"],
      [3, 'unknown command "Steal"; the bank knows OpenAccount, Deposit, Withdraw, CloseAccount'],
      [4, "Deposit does not fit its schema: amountCents"],
      [5, "a command with the id c1 and other content was handled before"],
      [6, "the id must be 1 to 100 printable ASCII characters"],
      [7, "The payload of Deposit must be an object"],
      [8, "Deposit does not fit its schema: extra"],
      [9, "must be a JSON object, but is an array of 1"],
    ]) {
      expect(errors).toContain(`commands.jsonl:${line}: ${reason}`);
    }
  });

  it("that is not UTF-8 is a bad line, and never altered", { timeout: TIMEOUT_MS }, async () => {
    const latin1 = Buffer.from(JSON.stringify({ ...open, id: "c9", payload: { accountId: "b", owner: "Ren\u{e9}" } }), "latin1");
    await writeFile(join(folder, "mixed.jsonl"), Buffer.concat([latin1, Buffer.from(`\n${JSON.stringify(open)}\n`)]));
    const { status, output, errors } = await runBank(["mixed.jsonl"], folder);

    expect(status).toBe(1);
    expect(errors).toContain("mixed.jsonl:1: the line is not UTF-8\n");
    expect(output).toMatch(/accepted +1\n/);
  });

  it("with control characters is shown without what a terminal would obey", { timeout: TIMEOUT_MS }, async () => {
    const owner = "\u{1b}[31mAnn\n\u{9b}";
    const lines = [
      JSON.stringify({ id: "c1", type: "OpenAccount", payload: { accountId: "a", owner } }),
      '{"\\u001b]0;x\\u0007":1}',
      "\u{1b}[2J",
    ];
    const { output, errors } = await runBank(["-", "--store", "memory"], folder, lines.join("\n"));

    // eslint-disable-next-line no-control-regex
    expect(output + errors).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(output).toContain(String.raw`0.00  a  \u001b[31mAnn\u000a\u009b`);
    expect(errors).toContain(String.raw`standard input:2: unknown field "\u001b]0;x\u0007"`);
  });

  it("that the bank refuses is no bad input", { timeout: TIMEOUT_MS }, async () => {
    const { status, output } = await runBank([await inputFile(deposit)], folder);

    expect(status).toBe(0);
    expect(output).toMatch(/no-such-account +1\n/);
  });
});

describe("what cannot be run", () => {
  it.each([
    ["a missing file", ["nowhere.jsonl"], /^There is no file nowhere\.jsonl\.\n$/],
    ["a directory", ["."], /^\. is a directory\. Name a file with one command a line, or - for standard input\.\n$/],
    [
      "an unknown store",
      ["--store", "oracle:x"],
      /^Unknown store oracle:x\. Use memory, sqlite:FILE, postgres:\/\/USER@HOST\/DATABASE or kurrentdb:\/\/HOST:PORT\.\n$/,
    ],
    [
      "a store that would be in memory",
      ["--store", "sqlite::memory:"],
      /^Unknown store sqlite::memory:\. Use memory, sqlite:FILE, postgres:\/\/USER@HOST\/DATABASE or kurrentdb:\/\/HOST:PORT\.\n$/,
    ],
    ["a store with a password", ["--store", "mysql://ann:secret@h/x"], /^Unknown store mysql:\/\/ann:\*\*\*@h\/x\. Use /],
    [
      "a server that is away",
      ["--store", "postgres://ann:secret@127.0.0.1:1/x?connect_timeout=1"],
      /^PostgreSQL store [^\n]* x at 127\.0\.0\.1:1 cannot be reached[^\n]*\n$/,
    ],
    [
      "a store without a name",
      ["--store", "sqlite: "],
      /^Unknown store sqlite: \. Use memory, sqlite:FILE, postgres:\/\/USER@HOST\/DATABASE or kurrentdb:\/\/HOST:PORT\.\n$/,
    ],
    ["a store in a directory that is not there", ["--store", "sqlite:no/such/bank.db"], /^[^\n]*no\/such\/bank\.db[^\n]*\n$/],
    ["a directory as the store", ["--store", "sqlite:."], /^[^\n]+\n$/],
    ["an unknown option", ["--colour"], /unknown option '--colour'/],
    ["a count that is no number", ["--generate", "many"], /must be an integer/],
  ])("is told in a sentence, with status 2: %s", { timeout: TIMEOUT_MS }, async (_, args, expected) => {
    const { status, output, errors } = await runBank(args, folder);

    expect(errors).toMatch(expected);
    expect({ status, output }).toEqual({ status: 2, output: "" });
  });

  it("a file that is not the bank's is told, and left as it was", { timeout: TIMEOUT_MS }, async () => {
    await writeFile(join(folder, "bank.db"), "my diary, which is text and no database, however long it may be ".repeat(100));
    const before = await readFile(join(folder, "bank.db"), "utf8");
    const { status, errors } = await runBank([], folder);

    expect(status).toBe(2);
    expect(errors).toMatch(/^[^\n]*bank\.db[^\n]*\n$/);
    expect(await readFile(join(folder, "bank.db"), "utf8")).toBe(before);
  });
});

describe("made-up commands", () => {
  it("are the same for the same seed, and the bank carries them out", { timeout: TIMEOUT_MS }, async () => {
    expect((await runBank(["--generate", "2000", "--seed", "7", "--output", "one.jsonl"], folder)).status).toBe(0);
    const toPipe = await runBank(["--generate", "2000", "--seed", "7"], folder);

    expect(await readFile(join(folder, "one.jsonl"), "utf8")).toBe(toPipe.output);
    expect((await runBank(["one.jsonl"], folder)).output).toMatch(/commands handled +2,000\n/);
  });
});

describe("several banks on one file at the same time", () => {
  it("carry out each command once, and all tell the same", { timeout: TIMEOUT_MS }, async () => {
    await runBank(["--generate", "2000", "--seed", "4", "--output", "day.jsonl"], folder);
    const alone = await runBank(["day.jsonl", "--store", "memory", "--mail", "alone"], folder);
    const together = await Promise.all([1, 2, 3].map(() => runBank(["day.jsonl"], folder)));

    for (const { status, output } of together) {
      expect({ status, output: output.replace("sqlite:bank.db", "memory") }).toEqual({ status: 0, output: alone.output });
    }
    expect(await lettersIn(folder, "bank.db-mail")).toEqual(await lettersIn(folder, "alone"));
    // One that comes behind the others finds all of them carried out.
    const recognised = together.map(({ errors }) => /(?:all|([\d,]+) of the) ([\d,]+) commands had been/.exec(errors));
    const counts = recognised.map((told) => Number((told?.[1] ?? told?.[2] ?? "0").replace(",", "")));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2 * 2000);
  });
});

describe("a bank that is ended in the middle", () => {
  it.each([
    ["SIGKILL", { status: null, endedBy: "SIGKILL", told: false }],
    ["SIGINT", { status: 130, endedBy: null, told: true }],
  ] as const)(
    "by %s goes on in the next run, to the summary of an uninterrupted one",
    { timeout: TIMEOUT_MS },
    async (signal, expected) => {
      await runBank(["--generate", "3000", "--seed", "3", "--output", "big.jsonl"], folder);
      const whole = await runBank(["big.jsonl", "--store", "sqlite:whole.db"], folder);

      const interrupted = startBank(["big.jsonl"], folder);
      const end = finished(interrupted);
      await someEventsIn(join(folder, "bank.db"), 500);
      interrupted.kill(signal);
      const { status, signal: endedBy, errors, output } = await end;
      const next = await runBank(["big.jsonl"], folder);

      expect(output).toBe("");
      expect({ status, endedBy, told: errors.includes("Interrupted after") }).toEqual(expected);
      expect(next.errors).toMatch(/of the 3,000 commands had been carried out before/);
      expect(next.output.replaceAll("bank.db", "whole.db")).toBe(whole.output);
      expect(await lettersIn(folder, "bank.db-mail")).toEqual(await lettersIn(folder, "whole.db-mail"));
    },
  );
});

it(
  "a bank that is killed while it writes letters goes on with them in the next run, and writes none twice",
  { timeout: TIMEOUT_MS },
  async () => {
    await runBank(["--generate", "2000", "--seed", "5", "--output", "day.jsonl"], folder);
    const killed = startBank(["day.jsonl"], folder);
    const end = finished(killed);
    await vi.waitFor(async () => expect((await lettersIn(folder, "bank.db-mail")).length).toBeGreaterThan(3), {
      timeout: TIMEOUT_MS,
      interval: 5,
    });
    killed.kill("SIGKILL");
    expect(await end).toMatchObject({ signal: "SIGKILL", output: "" });
    const before = await lettersIn(folder, "bank.db-mail");
    const { errors } = await runBank(["day.jsonl"], folder);
    const after = await lettersIn(folder, "bank.db-mail");
    expect(errors).toContain(`${after.length - before.length} letters written to bank.db-mail.`);
    await runBank(["day.jsonl", "--store", "memory", "--mail", "whole"], folder);
    expect(after).toEqual(await lettersIn(folder, "whole"));
  },
);

/** Resolves when another process has written so many events. */
async function someEventsIn(file: string, count: number): Promise<void> {
  const store = await openWhenThere(file);
  let seen = 0;
  for await (const message of store.subscribe({ all: true })) {
    if (message.kind === "events") seen += message.events.length;
    if (seen >= count) break;
  }
  await store.close();
}

async function openWhenThere(file: string): Promise<EventStore> {
  return vi.waitFor(() => openSqliteStore(file, { readOnly: true }), { timeout: TIMEOUT_MS });
}
