import { textOf } from "./describe.ts";

/** Tells the process, which shows it and lives, of what was thrown where nobody waits for it. */
export function warn(thrown: unknown): void {
  process.emitWarning(isPrintable(thrown) ? thrown : textOf(thrown));
}

/** Whether the process can print it: it reads these texts when nobody can catch what that throws. */
function isPrintable(thrown: unknown): thrown is Error {
  try {
    if (!(thrown instanceof Error)) return false;
    const { name, message, stack } = thrown;
    return typeof name === "string" && typeof message === "string" && (stack === undefined || typeof stack === "string");
  } catch {
    return false;
  }
}
