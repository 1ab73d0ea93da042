import { dirname } from "node:path";

/** The folder of this package's code, as stacks name it. */
const OWN_FOLDER = dirname(import.meta.dirname);

/** Where this package was called from, like `accounts.ts:12:3` with its folder. */
export function callSite(): string {
  const lines = new Error("Where from?").stack?.split("\n").slice(1) ?? [];
  const outside = lines.find((line) => !line.includes(OWN_FOLDER));
  return outside?.replace(/^\s*at /, "") ?? "an unknown place";
}
