import { join } from "node:path";
import { startLineProcess } from "./line-process.ts";

/** A SQLite store that a process of its own serves. */
export interface ServedFile extends AsyncDisposable {
  readonly url: string;
  readonly durability: string;
}

const COMMAND_LINE = join(import.meta.dirname, "../../../../packages/tools/dist/main.js");

/** Runs `reactive-domain serve`, as it is built. */
export async function serveFile(file: string): Promise<ServedFile> {
  const started = await startLineProcess([COMMAND_LINE, "serve", "--store", `sqlite:${file}`, "--port", "0", "--insecure", "--json"]);
  const { url, durability } = JSON.parse(started.line) as { readonly url: string; readonly durability: string };
  return { url, durability, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}
