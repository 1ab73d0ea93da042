import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("launch-program.mjs", import.meta.url));

/**
 * What Node.js is given to run a program of this project that stands in TypeScript, and its arguments behind it.
 * The steward makes one file of it and of all that it imports: it starts in a quarter of the time that a loader of TypeScript takes.
 * What it imports while it runs must be JavaScript.
 */
export function programArguments(program: string | URL): readonly string[] {
  return ["--enable-source-maps", LAUNCHER, typeof program === "string" ? program : fileURLToPath(program)];
}
