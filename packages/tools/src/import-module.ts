import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ModuleThrew, UsageError } from "./errors.ts";

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** Imports a module by a path, or by the name of a package, as seen from a directory. Throws {@link UsageError} where there is none, and {@link ModuleThrew}. */
export async function importModule(name: string, directory: string): Promise<Exports> {
  const file = fileOf(name, directory);
  try {
    return (await import(pathToFileURL(file).href)) as Exports;
  } catch (error) {
    if (codeOf(error) === "ERR_UNKNOWN_FILE_EXTENSION")
      throw new UsageError(
        `This Node cannot import ${name} as it is. Give it a loader, as in NODE_OPTIONS="--import tsx", or name the compiled file.`,
      );
    throw new ModuleThrew(name, error);
  }
}

function fileOf(name: string, directory: string): string {
  const path = resolve(directory, name);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  const found = name.startsWith(".") || name.startsWith("/") ? undefined : packageFile(name, directory);
  if (found !== undefined && existsSync(found)) return found;
  throw new UsageError(
    `There is no module ${name}: neither a file ${path} nor a package of that name for files in ${directory}. Name a file or a package that is installed there.`,
  );
}

function packageFile(name: string, directory: string): string | undefined {
  try {
    return createRequire(join(directory, "any.js")).resolve(name);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
