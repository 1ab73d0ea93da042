import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const ROOT = new URL("../../../../", import.meta.url);
const PROOF = /^\| .+ \| .+ \| `([^`]+\.test\.ts)`: (.+) \|$/;

/** The lines of the threat list, each with the test that it names. */
function threats(): readonly { readonly line: string; readonly file: string; readonly name: string }[] {
  const [, list = ""] = readFileSync(new URL("docs/guide/kurrentdb-security.md", ROOT), "utf8").split("## Threats");
  const lines = list.split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(2).map((line) => {
    const [, file = "", name = ""] = PROOF.exec(line) ?? [];
    return { line, file, name };
  });
}

it("every threat of the list has a test that there is", () => {
  const listed = threats();
  const unproven = listed.filter(({ file, name }) => file === "" || !readFileSync(new URL(file, ROOT), "utf8").includes(`"${name}"`));
  expect(listed.length).toBeGreaterThan(20);
  expect(unproven.map(({ line }) => line)).toEqual([]);
});
