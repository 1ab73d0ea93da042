import { join } from "node:path";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";

/** The path of a file that does not exist yet. */
export function temporaryFile(): string {
  return join(temporaryDirectory(), "bank.db");
}
