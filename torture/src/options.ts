import { parseArgs } from "node:util";
import { SABOTAGES } from "./child/sabotage.ts";
import { STORE_KINDS } from "./stores.ts";
import type { TortureOptions } from "./torture.ts";

export const USAGE = `Usage: npm run torture -- [--store ${STORE_KINDS.join("|")}] [--kills 1..10000] [--seed 0..4294967295]`;

export const HELP = `${USAGE}

Has child processes write into a new store, kills them with SIGKILL at random moments, and looks for what they lost.

  --store KIND   what is tortured: ${STORE_KINDS.join(", ")} (default: ${STORE_KINDS[0]})
  --kills N      how often a child is killed (default: 50)
  --seed N       what the moments and the load follow from (default: another each time; it is printed)
  --help         this text

Exit status: 0 when nothing was found, 1 when something was (the store is kept, and its folder printed), 2 for wrong usage.
`;

const MAX_KILLS = 10_000;
const MAX_SEED = 2 ** 32 - 1;
const DEFAULT_KILLS = 50;

export type Chosen = Omit<TortureOptions, "tell">;

/** What was asked for wrongly, in one sentence. */
export class UsageError extends Error {}

/** Reads the command line; `"help"` where that is asked for. Errors: {@link UsageError}. */
export function readOptions(args: readonly string[], anySeed: () => number): Chosen | "help" {
  const values = valuesOf(args);
  if (values.help === true) return "help";
  const { store = STORE_KINDS[0] ?? "", sabotage = null } = values;
  if (!STORE_KINDS.includes(store)) throw new UsageError(`--store must be one of ${STORE_KINDS.join(", ")}, and is "${store}".`);
  if (sabotage !== null && !SABOTAGES.includes(sabotage))
    throw new UsageError(`--sabotage must be one of ${SABOTAGES.join(", ")}, and is "${sabotage}".`);
  const kills = values.kills === undefined ? DEFAULT_KILLS : integer("--kills", values.kills, { least: 1, most: MAX_KILLS });
  const seed = values.seed === undefined ? anySeed() : integer("--seed", values.seed, { least: 0, most: MAX_SEED });
  return { store, kills, seed, sabotage };
}

function valuesOf(args: readonly string[]): { store?: string; kills?: string; seed?: string; sabotage?: string; help?: boolean } {
  const text = { type: "string" } as const;
  const options = { store: text, kills: text, seed: text, sabotage: text, help: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(". ", 1)[0] ?? "", { cause: error });
  }
}

function integer(name: string, text: string, { least, most }: { readonly least: number; readonly most: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${name} must be an integer from ${least} to ${most}, and is "${text}".`);
}
