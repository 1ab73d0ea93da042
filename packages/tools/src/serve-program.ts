import { InvalidArgumentError, Option, type Command } from "commander";
import { serveStore, type ServeStoreOptions } from "./commands/serve-store.ts";
import { SERVED_FORMS } from "./open-served-store.ts";
import type { Output } from "./output.ts";
import { notBlank, storeOption } from "./program-options.ts";
import type { Progress } from "./progress.ts";
import { PASSWORD_VARIABLE } from "./serve-security.ts";

const MAX_PORT = 65_535;

/** The command that serves a store. */
export function addServe(program: Command, output: Output, progress: Progress): void {
  program
    .command("serve")
    .description(
      "Serves a store to clients of KurrentDB, until it is told to end, like by Ctrl-C or SIGTERM: then it takes no new calls and finishes those that are under way. " +
        "It is encrypted and asks for passwords, unless --insecure is said. A store is made where there is none.",
    )
    .addOption(storeOption(SERVED_FORMS))
    .addOption(new Option("--port <number>", "the port to listen at; 0 takes a free one; 2113 without it").argParser(port))
    .addOption(
      new Option("--host <address>", "the address to listen at; 127.0.0.1 without it, which only this machine reaches").argParser(notBlank),
    )
    .addOption(fileOption("--dev-certificates <directory>", "encrypts with certificates for this machine, made there once and used again"))
    .addOption(fileOption("--cert <file>", "encrypts with this certificate, PEM, with those behind it that lead to its authority"))
    .addOption(fileOption("--key <file>", "the private key of --cert, PEM, without a passphrase"))
    .addOption(fileOption("--ca <file>", "the certificate of the authority, which clients are told to trust"))
    .addOption(
      fileOption(
        "--admin-password-file <file>",
        `the first password of the user admin, where the store has no administrator yet; or set ${PASSWORD_VARIABLE}`,
      ),
    )
    .option("--insecure", "lets whoever reaches the port do everything, without password and encryption")
    .option("--json", "one JSON object: url, host, port, store, durability, authentication, encryption")
    .action((options: ServeStoreOptions) => serveStore(options, output, progress));
}

function fileOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(notBlank);
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value <= MAX_PORT) return value;
  throw new InvalidArgumentError(`It must be an integer from 0 to ${MAX_PORT}.`);
}
