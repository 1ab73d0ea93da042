import { codeOf } from "../../postgres-failure.ts";

const MISSING: ReadonlySet<string | undefined> = new Set(["42P01", "3F000"]);

/** Whether it is a table, or its schema, that is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && MISSING.has(codeOf(error));
}
