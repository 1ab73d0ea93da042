import { describe } from "@reactive-domain/core";

/** What was thrown, which may be anything, as text. */
export function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : describe(thrown);
}
