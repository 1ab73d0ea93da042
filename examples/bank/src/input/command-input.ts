import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { UsageError } from "../cli/usage-error.ts";

/** Where commands are read from. */
export interface CommandInput {
  readonly name: string;
  readonly stream: Readable;
  /** The size of all of it, where that is known. */
  readonly totalBytes: number | undefined;
}

/** Opens a file, or standard input for `-`. Throws {@link UsageError} for what cannot be read. */
export async function openInput(path: string): Promise<CommandInput> {
  if (path === "-") return { name: "standard input", stream: process.stdin, totalBytes: undefined };
  const { size } = await statFile(path);
  const stream = createReadStream(path);
  await new Promise((resolve, reject) => {
    stream.once("open", resolve);
    stream.once("error", (error) => reject(new UsageError(`Cannot read ${path}: ${error.message}.`)));
  });
  return { name: path, stream, totalBytes: size };
}

async function statFile(path: string): Promise<{ readonly size: number | undefined }> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UsageError(`${path} is a directory. Name a file with one command a line, or - for standard input.`);
    return { size: found.isFile() ? found.size : undefined };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new UsageError(isMissing ? `There is no file ${path}.` : `Cannot read ${path}: ${(error as Error).message}.`);
  }
}
