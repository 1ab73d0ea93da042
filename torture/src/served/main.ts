import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { withSteward } from "@reactive-domain/test-servers";
import { isStore } from "../stores.ts";
import { tortureServing } from "./torture-serving.ts";

const USAGE = "Usage: npm run torture:served -- [--store sqlite|postgres|postgres:URL] [--kills 1..1000] [--seed 0..4294967295]\n";
const USAGE_STATUS = 2;
const [MOST_KILLS, MOST_SEED] = [1_000, 2 ** 32 - 1];

process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = chosenOptions();
  if (chosen === undefined) {
    process.stderr.write(USAGE);
    return USAGE_STATUS;
  }
  process.stdout.write(`seed ${chosen.seed}\n`);
  const { kills, acknowledged, events, findings } = await withSteward(() => tortureServing(chosen));
  for (const finding of findings.all) process.stdout.write(`${finding}\n`);
  const [lost, doubled, holes] = (["lost", "doubled", "holes"] as const).map((column) => findings.count(column));
  process.stdout.write(
    `torture: ${kills} kills of the server, ${acknowledged} acknowledged, ${events} in the log, ${lost} lost, ${doubled} doubled, ${holes} holes\n`,
  );
  return findings.isClean ? 0 : 1;
}

function chosenOptions() {
  try {
    const text = { type: "string" } as const;
    const { store = "sqlite", ...rest } = parseArgs({ options: { store: text, kills: text, seed: text } }).values;
    const kills = Number(rest.kills ?? "20");
    const seed = rest.seed === undefined ? randomInt(MOST_SEED + 1) : Number(rest.seed);
    const isFine = isStore(store) && isInteger(kills, 1, MOST_KILLS) && isInteger(seed, 0, MOST_SEED);
    return isFine ? { store, kills, seed } : undefined;
  } catch {
    return undefined;
  }
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
