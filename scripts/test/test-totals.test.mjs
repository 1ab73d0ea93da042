import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plantTree } from "./plant-tree.mjs";

const SCRIPT = join(import.meta.dirname, "..", "test-totals.mjs");

test.each([
  [{ passed: 3, failed: 0, pending: 0, todo: 0 }, "3 passed, 0 failed\n", 0],
  [{ passed: 3, failed: 1, pending: 0, todo: 0 }, "3 passed, 1 failed\n", 1],
  [{ passed: 3, failed: 0, pending: 1, todo: 1 }, "2 skipped; a test runs or is removed\n3 passed, 0 failed\n", 1],
  [{ passed: 0, failed: 0, pending: 0, todo: 0 }, "no test ran\n0 passed, 0 failed\n", 1],
])("%j ends with the line of totals", async ({ passed, failed, pending, todo }, printed, exitCode) => {
  const report = { numPassedTests: passed, numFailedTests: failed, numPendingTests: pending, numTodoTests: todo };
  const folder = plantTree({ "report.json": JSON.stringify(report) });

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
