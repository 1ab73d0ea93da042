import { describe } from "./describe.ts";

/** Tells the process, which shows it and lives, of what was thrown where nobody waits for it. */
export function warn(thrown: unknown): void {
  process.emitWarning(thrown instanceof Error ? thrown : describe(thrown));
}
