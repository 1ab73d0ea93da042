import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory that lives as long as the test that asks for it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "reactive-domain-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
