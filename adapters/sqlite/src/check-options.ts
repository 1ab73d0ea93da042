import { InvalidArgument } from "@reactive-domain/core";

const MAX_MS = 2 ** 31 - 1;

/** What is kept in memory, and what makes it. */
const IN_MEMORY = { "a store": "createInMemoryStore", "read models": "createInMemoryReadModels" };

/** Errors: `invalid-argument` unless it may be the path of a file. */
export function checkPath(path: string, wanted: keyof typeof IN_MEMORY = "a store"): void {
  if (isPath(path) && path !== ":memory:") return;
  throw new InvalidArgument(
    "path",
    "the path of a file, without blanks at its end",
    path,
    `For ${wanted} in memory take ${IN_MEMORY[wanted]}.`,
  );
}

/** SQLite's driver leaves blanks at the end out: it would open another file than the one that was looked at. */
export function isPath(path: unknown): path is string {
  return typeof path === "string" && path !== "" && path === path.trimEnd() && !path.includes("\0");
}

/** Errors: `invalid-argument` unless it is a whole number of milliseconds. */
export function checkMs(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > MAX_MS)
    throw new InvalidArgument(name, `an integer from ${least} to ${MAX_MS}`, value);
}
