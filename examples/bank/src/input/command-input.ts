import { once } from "node:events";
import { createReadStream, fstatSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { UsageError } from "../cli/usage-error.ts";
import { readLines, type Line } from "./lines.ts";
import { openPipe } from "./open-pipe.ts";

/** Where commands are read from. */
export interface CommandInput {
  readonly name: string;
  readonly stream: Readable;
  /** The size of all of it, where that is known. */
  readonly totalBytes: number | undefined;
}

const STANDARD_INPUT = "standard input";

/** Opens a file, a named pipe, or standard input for `-`. Throws {@link UsageError} for what cannot be read. */
export async function openInput(path: string): Promise<CommandInput> {
  if (path === "-") return openStandardInput();
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new UsageError(`${path} is a directory. Name a file with one command a line, or - for standard input.`);
    const stream = found.isFIFO() ? openPipe(path) : await openFile(path);
    return { name: path, stream, totalBytes: found.isFile() ? found.size : undefined };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw isMissing ? new UsageError(`There is no file ${path}.`) : unreadable(path, error);
  }
}

/** The lines of an input. Throws {@link UsageError} when reading fails; see {@link readLines} for the rest. */
export async function* linesOf({ name, stream }: CommandInput, signal: AbortSignal): AsyncGenerator<Line> {
  try {
    yield* readLines(stream, signal);
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** Node.js reads a directory as if it were empty. */
function openStandardInput(): CommandInput {
  if (isDirectory(0)) throw new UsageError("Standard input is a directory. Give it a file with one command a line, or name one.");
  return { name: STANDARD_INPUT, stream: process.stdin, totalBytes: undefined };
}

function isDirectory(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isDirectory();
  } catch (error) {
    throw unreadable(STANDARD_INPUT, error);
  }
}

async function openFile(path: string): Promise<Readable> {
  const stream = createReadStream(path);
  await once(stream, "open");
  return stream;
}

function unreadable(name: string, error: unknown): UsageError {
  return new UsageError(`Cannot read ${name}: ${(error as Error).message}.`);
}
