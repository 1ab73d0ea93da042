import { InvalidArgumentError, Option, type Command } from "commander";
import { serveStore, type ServeStoreOptions } from "./commands/serve-store.ts";
import { SERVED_FORMS } from "./open-served-store.ts";
import type { Output } from "./output.ts";
import { notBlank, storeOption } from "./program-options.ts";
import type { Progress } from "./progress.ts";

const MAX_PORT = 65_535;

/** The command that serves a store. */
export function addServe(program: Command, output: Output, progress: Progress): void {
  program
    .command("serve")
    .description(
      "Serves a store to clients of KurrentDB, until it is told to end, like by Ctrl-C or SIGTERM: then it takes no new calls and finishes those that are under way. " +
        "It has no authentication and no encryption yet: whoever reaches its port may read and write all of the store. A store is made where there is none.",
    )
    .addOption(storeOption(SERVED_FORMS))
    .addOption(new Option("--port <number>", "the port to listen at; 0 takes a free one; 2113 without it").argParser(port))
    .addOption(
      new Option("--host <address>", "the address to listen at; 127.0.0.1 without it, which only this machine reaches").argParser(notBlank),
    )
    .option("--json", "one JSON object: url, host, port, store, durability, authentication")
    .action((options: ServeStoreOptions) => serveStore(options, output, progress));
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= MAX_PORT) return value;
  throw new InvalidArgumentError(`It must be an integer from 0 to ${MAX_PORT}.`);
}
