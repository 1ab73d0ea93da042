// Counts the tests of a vitest JSON report on one line, and refuses a run with skipped tests or none: node scripts/test-totals.mjs report.json
import { readFileSync } from "node:fs";

/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} Counts */
/** @type {Counts & { testResults: { status: string, assertionResults: unknown[] }[] }} */
const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));

const passed = report.numPassedTests;
const unloadable = report.testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;
const failed = report.numFailedTests + unloadable;
const skipped = report.numPendingTests + report.numTodoTests;

if (skipped > 0) console.log(`${skipped} skipped; a test runs or is removed`);
if (unloadable > 0) console.log(`${unloadable} test files could not be loaded; each counts as a failed test`);
if (passed + failed === 0) console.log("no test ran");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed === 0 || failed > 0 || skipped > 0 ? 1 : 0;
