import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { UsageError } from "../cli/usage-error.ts";
import { generateCommands } from "./generate-commands.ts";

export interface WriteCommandsOptions {
  readonly count: number;
  readonly seed: number;
  /** A file, which is replaced, or `-` for standard output. */
  readonly output: string;
}

/** Writes generated commands, one a line, as fast as the output takes them. Throws {@link UsageError} when it takes none. */
export async function writeCommands({ count, seed, output }: WriteCommandsOptions): Promise<void> {
  const stream = output === "-" ? process.stdout : createWriteStream(output);
  try {
    if (output !== "-") await once(stream, "open");
    for (const command of generateCommands(count, seed)) {
      if (!stream.write(`${JSON.stringify(command)}\n`)) await once(stream, "drain");
    }
    if (output !== "-") await finished(stream.end());
  } catch (error) {
    throw new UsageError(`Cannot write ${output === "-" ? "standard output" : output}: ${(error as Error).message}.`);
  }
}
