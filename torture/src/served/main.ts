import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { withSteward } from "@reactive-domain/test-servers";
import { isStore } from "../stores.ts";
import { SERVING_SABOTAGES, type ServingOptions, type ServingSabotage } from "./serving-options.ts";
import { tortureServing, type Consumed } from "./torture-serving.ts";

const USAGE =
  "Usage: npm run torture:served -- [--store sqlite|postgres|postgres:URL] [--servers 1|2] [--consumers 0..8] [--kills 1..1000] [--seed 0..4294967295]\n" +
  `       [--sabotage ${SERVING_SABOTAGES.join("|")}]\n` +
  "Two servers need a store on PostgreSQL.\n";
const USAGE_STATUS = 2;
const MAX_FINDINGS = 20;
const [MOST_KILLS, MOST_SEED, MOST_CONSUMERS] = [1_000, 2 ** 32 - 1, 8];
const DEFAULTS = { store: "sqlite", servers: "1", consumers: "2", kills: "20" };

process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = chosenOptions();
  if (chosen === undefined) {
    process.stderr.write(USAGE);
    return USAGE_STATUS;
  }
  process.stdout.write(`seed ${chosen.seed}\n`);
  const { kills, acknowledged, events, consumed, findings } = await withSteward(() => tortureServing(chosen));
  for (const finding of findings.all.slice(0, MAX_FINDINGS)) process.stdout.write(`${finding}\n`);
  if (findings.all.length > MAX_FINDINGS) process.stdout.write(`and ${findings.all.length - MAX_FINDINGS} more\n`);
  if (consumed !== undefined) process.stdout.write(consumedLine(consumed));
  const [lost, doubled, holes] = (["lost", "doubled", "holes"] as const).map((column) => findings.count(column));
  process.stdout.write(
    `torture: ${kills} kills of ${chosen.servers === 1 ? "the server" : "servers"}, ${acknowledged} acknowledged, ${events} in the log, ${lost} lost, ${doubled} doubled, ${holes} holes\n`,
  );
  return findings.isClean ? 0 : 1;
}

function consumedLine({ kills, given, planned, unplanned, replays }: Consumed): string {
  return `consumers: ${kills} kills, ${given} given out, ${planned} again as planned and ${unplanned} by interruptions, ${replays} replays\n`;
}

function chosenOptions(): ServingOptions | undefined {
  try {
    const text = { type: "string" } as const;
    const options = { store: text, servers: text, consumers: text, kills: text, seed: text, sabotage: text };
    const { store, seed: seedText, sabotage, ...rest } = { ...DEFAULTS, ...parseArgs({ options }).values };
    const [servers, consumers, kills] = [Number(rest.servers), Number(rest.consumers), Number(rest.kills)];
    const seed = seedText === undefined ? randomInt(MOST_SEED + 1) : Number(seedText);
    const isFine =
      isStore(store) && isInteger(kills, 1, MOST_KILLS) && isInteger(seed, 0, MOST_SEED) && isInteger(consumers, 0, MOST_CONSUMERS);
    const isServed = isInteger(servers, 1, store.startsWith("postgres") ? 2 : 1);
    return isFine && isServed && isSabotage(sabotage) ? { store, servers, consumers, kills, seed, sabotage } : undefined;
  } catch {
    return undefined;
  }
}

function isSabotage(name: string | undefined): name is ServingSabotage | undefined {
  return name === undefined || SERVING_SABOTAGES.some((one) => one === name);
}

function isInteger(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
