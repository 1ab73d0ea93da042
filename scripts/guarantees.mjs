// Holds docs/reference/guarantees.md to the conformance cases: node scripts/guarantees.mjs [--write]; --write makes the page anew first.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The cases are TypeScript. */
const SOURCES = ["--conditions=@reactive-domain/source", "--import", "tsx"];

const script = fileURLToPath(new URL("guarantees/check-page.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, [...SOURCES, script, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
