import { parseArgs } from "node:util";
import { SABOTAGES } from "./child/sabotage.ts";
import { hasOwnServer, isStore, STORE_KINDS } from "./stores.ts";
import type { TortureOptions } from "./torture.ts";

export const USAGE = `Usage: npm run torture -- [--store ${STORE_KINDS.join("|")}] [--kills 1..10000] [--server-kills 0..1000] [--stops 0..1000] [--seed 0..4294967295] [--keep]`;

export const HELP = `${USAGE}

Has child processes write into a new store, kills them with SIGKILL at random moments, and looks for what they lost.

  --store KIND       what is tortured: ${STORE_KINDS.join(", ")} (default: ${STORE_KINDS[0]}); postgres starts a server of its own,
                     postgres:URL makes a schema on another one
  --kills N          how often a child is killed (default: 50)
  --server-kills N   how often the server is killed, if it is the store's own (default: 0)
  --stops N          how often a child is stopped for longer than its leases, beside others (default: 4)
  --seed N           what the moments and the load follow from (default: another each time; it is printed)
  --keep             keeps the store though nothing was found
  --help             this text

Exit status: 0 when nothing was found, 1 when something was (the store is kept, and its place printed), 2 for wrong usage.
`;

const MAX_KILLS = 10_000;
const MAX_SEED = 2 ** 32 - 1;
const DEFAULT_KILLS = 50;
const MAX_SERVER_KILLS = 1_000;
const DEFAULT_STOPS = 4;
const MAX_STOPS = 1_000;

export type Chosen = Omit<TortureOptions, "tell">;

/** What was asked for wrongly, in one sentence. */
export class UsageError extends Error {}

/** Reads the command line; `"help"` where that is asked for. Errors: {@link UsageError}. */
export function readOptions(args: readonly string[], anySeed: () => number): Chosen | "help" {
  const values = valuesOf(args);
  if (values.help === true) return "help";
  const { store = STORE_KINDS[0] ?? "", sabotage = null, keep = false } = values;
  if (!isStore(store)) throw new UsageError(`--store must be one of ${STORE_KINDS.join(", ")}, and is "${store.split("://", 1)[0]}".`);
  if (sabotage !== null && !SABOTAGES.includes(sabotage))
    throw new UsageError(`--sabotage must be one of ${SABOTAGES.join(", ")}, and is "${sabotage}".`);
  const kills = values.kills === undefined ? DEFAULT_KILLS : integer("--kills", values.kills, { least: 1, most: MAX_KILLS });
  const seed = values.seed === undefined ? anySeed() : integer("--seed", values.seed, { least: 0, most: MAX_SEED });
  const stops = values.stops === undefined ? DEFAULT_STOPS : integer("--stops", values.stops, { least: 0, most: MAX_STOPS });
  return { store, kills, serverKills: serverKillsOf(store, values["server-kills"]), stops, seed, sabotage, keep };
}

function serverKillsOf(store: string, text = "0"): number {
  const count = integer("--server-kills", text, { least: 0, most: MAX_SERVER_KILLS });
  if (count > 0 && !hasOwnServer(store)) throw new UsageError("--server-kills needs a store with a server of its own: --store postgres.");
  return count;
}

interface Values {
  readonly store?: string;
  readonly kills?: string;
  readonly "server-kills"?: string;
  readonly stops?: string;
  readonly seed?: string;
  readonly sabotage?: string;
  readonly keep?: boolean;
  readonly help?: boolean;
}

function valuesOf(args: readonly string[]): Values {
  const [text, flag] = [{ type: "string" }, { type: "boolean" }] as const;
  const options = {
    store: text,
    kills: text,
    "server-kills": text,
    stops: text,
    seed: text,
    sabotage: text,
    keep: flag,
    help: flag,
  } as const;
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
