import { expect, onTestFinished, test, vi } from "vitest";
import { runSteps } from "../check/run-steps.mjs";
import { chooseSteps } from "../check/steps.mjs";

/** @param {string} source */
const node = (source) => ["node", "--eval", source];

test("a failing step shows its output in full, and the other steps are run", async () => {
  const lines = printedLines();

  const isOk = await runSteps([
    { name: "bad", command: node("console.log('one\\ntwo'); console.error('three'); process.exit(7)") },
    { name: "later", command: node(""), after: "bad" },
    { name: "good", command: node("console.log('unseen')") },
  ]);

  expect(isOk).toBe(false);
  const text = lines.join("\n");
  expect(text).toMatch(/^FAIL bad +\d\.\d s$/m);
  expect(text).toContain("one\ntwo\nthree\n(exit code 7)\n");
  expect(text).toMatch(/^ok +good +\d\.\d s$/m);
  expect(text).toMatch(/^ok +later +\d\.\d s$/m);
  expect(text).not.toContain("unseen\n");
});

test("a program that does not exist fails its step", async () => {
  printedLines();

  expect(await runSteps([{ name: "bad", command: ["no-such-program"] }])).toBe(false);
});

test("a named step brings the one whose output it needs", () => {
  expect(chooseSteps(["packages", "docs"]).map(({ name }) => name)).toEqual(["types", "docs", "packages"]);
  expect(() => chooseSteps(["dosc"])).toThrow("no such step: dosc");
});

/** What is printed from now on until the test's end. */
function printedLines() {
  /** @type {string[]} */
  const lines = [];
  const spy = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  onTestFinished(() => spy.mockRestore());
  return lines;
}
