import { existsSync, rmSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Column } from "../src/findings.ts";
import { readOptions } from "../src/options.ts";
import { scheduleOf, type Plan } from "../src/schedule.ts";
import { runTorture, type Ended } from "./run-program.ts";

vi.setConfig({ testTimeout: 300_000 });

const LAST = /^torture: (\d+) kills, (\d+) acknowledged, (\d+) lost, (\d+) doubled, (\d+) holes, (\d+) early checkpoints$/;

interface Totals {
  readonly kills: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly holes: number;
  readonly early: number;
}

function totalsOf({ last, stdout, stderr }: Ended): Totals {
  const numbers = LAST.exec(last)?.slice(1).map(Number);
  if (numbers === undefined) throw new Error(`The last line is "${last}".\n${stdout}\n${stderr}`);
  const [kills = 0, acknowledged = 0, lost = 0, doubled = 0, holes = 0, early = 0] = numbers;
  return { kills, acknowledged, lost, doubled, holes, early };
}

/** Runs with a fault that is to be found, and removes what the program keeps. Under seed 7 all kills are of children that write beside others. */
async function sabotage(name: string, kills: number, seed = 3): Promise<Ended> {
  const ended = await runTorture("--kills", String(kills), "--seed", String(seed), "--sabotage", name);
  const [, folder = ""] = /^The store is kept in (\S+); repeat it with --seed \d+\.$/m.exec(ended.stdout) ?? [];
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(ended.status).toBe(1);
  expect(existsSync(folder)).toBe(true);
  return ended;
}

test("fifty kills lose nothing, double nothing, leave no hole and no checkpoint ahead of its work", async () => {
  const ended = await runTorture("--store", "sqlite", "--kills", "50", "--seed", "50");
  const { acknowledged, ...totals } = totalsOf(ended);
  expect({ totals, stdout: ended.status === 0 ? "" : ended.stdout }).toEqual({
    totals: { kills: 50, lost: 0, doubled: 0, holes: 0, early: 0 },
    stdout: "",
  });
  expect(acknowledged).toBeGreaterThan(1_000);
});

test.each([
  ["early-ack", "lost", "a write that is acknowledged before it is done"],
  ["drop", "lost", "a write that is acknowledged and never done"],
  ["halves", "lost", "a write that is done in two parts"],
  ["early-settle", "lost", "a delivery that is acknowledged before its effect is written"],
  ["early-checkpoint", "early", "a checkpoint that moves before its work"],
  ["new-ids", "doubled", "a write that is repeated under new ids"],
  ["hole", "holes", "an event that vanishes from the log"],
  ["drop-settle", "doubled", "a delivery that is handled, and not acknowledged though its consumer is told so"],
  ["early-move", "lost", "a projection whose checkpoint moves before its rows"],
] as [string, Column, string][])("%s is found as %s: %s", async (name, column, _fault) => {
  expect(totalsOf(await sabotage(name, 5))[column]).toBeGreaterThan(0);
});

test("unfenced is found as doubled: a worker that commits though another has its lease", async () => {
  let doubled = 0;
  // A worker has to be stopped while it has something in hand: not under every seed it has.
  for (let seed = 7; seed < 12 && doubled === 0; seed++)
    ({ doubled } = totalsOf(await runTorture("--kills", "6", "--seed", `${seed}`, "--sabotage", "unfenced")));
  expect(doubled).toBeGreaterThan(0);
});

test("wrong usage gets one clear sentence and exit code 2", async () => {
  expect(await runTorture("--kills", "0")).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(/^--kills must be an integer from 1 to 10000, and is "0"\.\nUsage: npm run torture/),
  });
});

test.each([
  [["--store", "floppy"], '--store must be one of sqlite, postgres, and is "floppy".'],
  [["--store", "sqlite:bank.db"], '--store must be one of sqlite, postgres, and is "sqlite:bank.db".'],
  [["--store", "postgres:"], '--store must be one of sqlite, postgres, and is "postgres:".'],
  [["--server-kills", "1"], "--server-kills needs a store with a server of its own: --store postgres."],
  [["--store", "postgres:postgres://localhost", "--server-kills", "1"], "--server-kills needs a store with a server of its own"],
  [["--stops", "often"], '--stops must be an integer from 0 to 1000, and is "often".'],
  [["--seed", "-1"], "Option '--seed' argument is ambiguous."],
  [["--seed=1e3"], '--seed must be an integer from 0 to 4294967295, and is "1e3".'],
  [
    ["--sabotage", "rain"],
    '--sabotage must be one of early-ack, early-checkpoint, early-settle, halves, drop, drop-settle, new-ids, hole, early-move, unfenced, and is "rain".',
  ],
  [["--loud"], "Unknown option '--loud'"],
  [["now"], "Unexpected argument 'now'"],
])("the options %j are refused", (args, sentence) => {
  expect(() => readOptions(args, () => 0)).toThrow(sentence);
});

test("what is not said is 50 kills of a SQLite store under any seed", () => {
  expect(readOptions([], () => 7)).toEqual({ store: "sqlite", kills: 50, serverKills: 0, stops: 4, seed: 7, sabotage: null, keep: false });
  expect(readOptions(["--help"], () => 7)).toBe("help");
});

test("a schedule follows from its seed, and has as many kills as were asked for", () => {
  const killsOf = (seed: number, plan: Plan): number => scheduleOf(seed, plan).reduce((sum, { moments }) => sum + moments.length, 0);
  for (const most of [2, 4]) {
    expect(scheduleOf(1, { kills: 50, most })).toEqual(scheduleOf(1, { kills: 50, most }));
    expect(scheduleOf(1, { kills: 50, most })).not.toEqual(scheduleOf(2, { kills: 50, most }));
    expect([1, 2, 3, 4].map((seed) => killsOf(seed, { kills: 50, most }))).toEqual([50, 50, 50, 50]);
  }
  const together = scheduleOf(1, { kills: 200, most: 4 }).map(({ slots }) => slots.length);
  expect(new Set(together)).toEqual(new Set([1, 2, 3, 4]));
});

test("children are stopped where others write beside them, in rounds which stay what they are without", () => {
  const rounds = scheduleOf(1, { kills: 50, stops: 6 });
  const stopped = rounds.filter(({ stops }) => stops.length > 0);
  expect(stopped.flatMap(({ stops }) => stops)).toHaveLength(6);
  expect(stopped.map(({ slots, stops }) => stops.every(({ child }) => slots.length > 1 && child < slots.length))).not.toContain(false);
  const without = scheduleOf(1, { kills: 50 });
  expect(rounds.map(({ slots, moments }) => [slots, moments])).toEqual(without.map(({ slots, moments }) => [slots, moments]));
});

test("the kills of a server are spread over the rounds, which stay what they are without", () => {
  const rounds = scheduleOf(1, { kills: 50, serverKills: 20 });
  expect(rounds.flatMap(({ serverKills }) => serverKills)).toHaveLength(20);
  const without = scheduleOf(1, { kills: 50 });
  expect(rounds.map(({ slots, moments }) => [slots, moments])).toEqual(without.map(({ slots, moments }) => [slots, moments]));
});
