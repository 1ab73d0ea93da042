import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plantTree } from "./plant-tree.mjs";

const SCRIPT = join(import.meta.dirname, "..", "test-totals.mjs");

const UNLOADABLE = "1 test files could not be loaded; each counts as a failed test\n";

test.each([
  [{ passed: 3, failed: 0, skipped: 0, unloadable: 0 }, "3 passed, 0 failed\n", 0],
  [{ passed: 3, failed: 1, skipped: 0, unloadable: 0 }, "3 passed, 1 failed\n", 1],
  [{ passed: 3, failed: 0, skipped: 2, unloadable: 0 }, "2 skipped; a test runs or is removed\n3 passed, 0 failed\n", 1],
  [{ passed: 3, failed: 1, skipped: 0, unloadable: 1 }, `${UNLOADABLE}3 passed, 2 failed\n`, 1],
  [{ passed: 0, failed: 0, skipped: 0, unloadable: 0 }, "no test ran\n0 passed, 0 failed\n", 1],
])("%j ends with the line of totals", async ({ passed, failed, skipped, unloadable }, printed, exitCode) => {
  const testResults = [
    ...Array.from({ length: unloadable }, () => ({ status: "failed", assertionResults: [] })),
    { status: "failed", assertionResults: [{}] },
  ];
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 };
  const folder = plantTree({ "report.json": JSON.stringify({ ...counts, testResults }) });

  expect(await run(join(folder, "report.json"))).toEqual({ printed, exitCode });
});

/**
 * @param {string} report
 * @returns {Promise<{ printed: string, exitCode: unknown }>}
 */
function run(report) {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, report], (error, printed) => resolve({ printed, exitCode: error?.code ?? 0 }));
  });
}
