import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const TSC = join(ROOT, "node_modules/.bin/tsc");
const TIMEOUT_MS = 120_000;
// In the repository, so that the packages under test find their dependencies.
const CACHE = join(ROOT, "node_modules/.cache");
let folder: string;

const FIRST = `
import { Command, Event, Query } from "@reactive-domain/messaging";
import * as v from "valibot";
export class Deposited extends Event("Deposited")<{ accountId: string; amount: number }> {}
export class Withdrawn extends Event("Withdrawn", { schema: v.object({ accountId: v.string(), amount: v.number() }), version: 2 }) {}
export class Deposit extends Command("Deposit", { schema: v.object({ accountId: v.string(), amount: v.number() }) }) {}
export class NextNumber extends Command("NextNumber")<{ series: string }, number> {}
export class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
`;
const SECOND = `
import { Command, createCommandBus, Event, Query, type EventBus } from "@reactive-domain/messaging";
import { BalanceOf, Deposit, Deposited, NextNumber } from "first";
export class Gift extends Event("Gift", { extends: Deposited })<{ from: string }> {}
export class Inheritance extends Event("Inheritance", { extends: Gift })<{ will: string }> {}
export class GiveDeposit extends Command("GiveDeposit", { extends: Deposit })<{ from: string }> {}
export class NextEvenNumber extends Command("NextEvenNumber", { extends: NextNumber })<{ above: number }> {}
export class PastBalanceOf extends Query("PastBalanceOf", { extends: BalanceOf })<{ timeMs: number }> {}
export const commands = createCommandBus();
commands.handle(NextEvenNumber, ({ series, above }) => series.length + above);
export const question = new BalanceOf({ accountId: "a" });
export const announce = (bus: EventBus) => bus.publish(new Gift({ accountId: "a", amount: 1, from: "b" }));
`;
const USE = `
import { createQueryBus } from "@reactive-domain/messaging";
import { Deposited, NextNumber, Withdrawn } from "first";
import { commands, Gift, GiveDeposit, Inheritance, NextEvenNumber, PastBalanceOf, question } from "second";
const base: Deposited = new Inheritance({ accountId: "a", amount: 1, from: "b", will: "c" });
const sum: number = base.amount + new Withdrawn({ accountId: "a", amount: 1 }).amount + (await createQueryBus().ask(question)).balance;
const next: number = await commands.send(new NextEvenNumber({ series: "a", above: 1 }));
const { balance } = await createQueryBus().ask(new PastBalanceOf({ accountId: "a", timeMs: 0 }));
const given: number = new GiveDeposit({ accountId: "a", amount: 1, from: "b" }).amount + next + balance;
export const all = [given, sum, new NextNumber({ series: "a" }).series, new Gift({ accountId: "a", amount: 1, from: "b" }).from];
`;
const MISUSE = `
import { Deposit, Deposited, Withdrawn } from "first";
import { commands, Gift, NextEvenNumber } from "second";
export const one: Deposited = new Withdrawn({ accountId: "a", amount: 1 });
export const two = new Gift({ from: "b" });
export const three: Gift = new Deposited({ accountId: "a", amount: 1 });
export const four = new Deposit({ accountId: "a", amount: "1" });
export const five: Promise<string> = commands.send(new NextEvenNumber({ series: "a", above: 1 }));
commands.handle(NextEvenNumber, () => "two");
`;
const REFUSED = `
import { Command, Event, Query } from "@reactive-domain/messaging";
import * as v from "valibot";
class Deposited extends Event("Deposited")<{ accountId: string }> {}
export const one = Event("Dated", { schema: v.object({ at: v.pipe(v.string(), v.toDate()) }) });
export const two = Query("Awaited", { schema: v.objectAsync({ at: v.string() }) });
export const three = Command("Named", { schema: v.string() });
export const four = Command("Mixed", { extends: Deposited });
export const five = Event("Given", { extends: Deposited, schema: v.object({ from: v.string() }) });
`;

beforeEach(async () => {
  await mkdir(CACHE, { recursive: true });
  folder = await mkdtemp(join(CACHE, "declarations-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

/** Compiles the package `name` to JavaScript and declarations, which is all that the next package sees of it; returns what the compiler printed, an error each. */
async function compile(name: string, source: string): Promise<readonly string[]> {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    types: ["node"],
    module: "nodenext",
    strict: true,
    declaration: true,
    skipLibCheck: false,
    rootDir: ".",
    outDir: `../node_modules/${name}`,
  };
  await write(`${name}/package.json`, '{"type":"module"}');
  await write(`${name}/index.ts`, source);
  await write(`${name}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  await write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: "module", exports: "./index.js" }));
  return run(["-p", join(folder, name), "--pretty", "false"]);
}

async function run(args: readonly string[]): Promise<readonly string[]> {
  try {
    await promisify(execFile)(TSC, [...args], { cwd: ROOT });
    return [];
  } catch (error) {
    return (error as { readonly stdout: string }).stdout.split(/\n(?=\S)/).filter((text) => text.includes("error TS"));
  }
}

describe("messages of another package", () => {
  it("have valid declarations, from which further messages derive and keep their types", { timeout: TIMEOUT_MS }, async () => {
    // The declarations of this package are those that its users get.
    expect(await run(["-b", "packages/messaging"])).toEqual([]);
    expect(await compile("first", FIRST)).toEqual([]);
    expect(await compile("second", SECOND)).toEqual([]);
    expect(await compile("use", USE)).toEqual([]);
    const mistakes = (await compile("misuse", MISUSE)).map((line) => /misuse\/index\.ts\((\d+),\d+\): error (TS\d+)/.exec(line)?.slice(1));
    expect(mistakes).toEqual([
      ["4", "TS2322"],
      ["5", "TS2345"],
      ["6", "TS2322"],
      ["7", "TS2322"],
      ["8", "TS2322"],
      ["9", "TS2322"],
    ]);
  });

  it("are refused by the compiler in words where schema or base are not what they may be", { timeout: TIMEOUT_MS }, async () => {
    expect(await run(["-b", "packages/messaging"])).toEqual([]);
    const told = (await compile("refused", REFUSED)).map((error) => /\((\d+),.*Property '"(.*?)"' is missing/s.exec(error)?.slice(1));
    expect(told).toEqual([
      ["5", "the schema of a message must not transform its value"],
      ["6", "the schema of a message must be synchronous"],
      ["7", "the schema of a message must be that of an object"],
      ["8", "extends takes a class of the same kind of message, and no schema beside it"],
      ["9", "extends takes a class of the same kind of message, and no schema beside it"],
    ]);
  });
});
