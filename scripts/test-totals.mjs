// Counts the tests of a vitest JSON report on one line, and refuses a run with skipped tests or none: node scripts/test-totals.mjs report.json
import { readFileSync } from "node:fs";

/** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} */
const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const skipped = report.numPendingTests + report.numTodoTests;

if (skipped > 0) console.log(`${skipped} skipped; a test runs or is removed`);
if (report.numPassedTests + report.numFailedTests === 0) console.log("no test ran");
console.log(`${report.numPassedTests} passed, ${report.numFailedTests} failed`);
process.exitCode = report.numPassedTests === 0 || report.numFailedTests > 0 || skipped > 0 ? 1 : 0;
