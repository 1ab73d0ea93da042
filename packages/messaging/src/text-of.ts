import { describe } from "@reactive-domain/core";
import { readPart } from "./read-part.ts";

/** What was thrown, which may be anything, as text. */
export function textOf(thrown: unknown): string {
  const message = thrown instanceof Error ? readPart(thrown, "message") : undefined;
  return typeof message === "string" ? message : describe(thrown);
}
