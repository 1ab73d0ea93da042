import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The codes that error classes of packages and adapters declare. */
function declaredCodes() {
  const files = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "packages/*/src/*.ts", "adapters/*/src/*.ts"],
    { cwd: root, encoding: "utf8" },
  );
  const sources = files
    .trim()
    .split("\n")
    .map((file) => readFileSync(`${root}/${file}`, "utf8"));
  return sources.flatMap((source) =>
    [...source.matchAll(/static (?:override )?readonly code(?:: string)? = "([^"]+)"/g)].map(([, code]) => code),
  );
}

/** The headings of the error reference. */
function documentedCodes() {
  const page = readFileSync(`${root}/docs/reference/errors.md`, "utf8");
  return [...page.matchAll(/^## `([^`]+)`$/gm)].map(([, code]) => code);
}

it("every error code has a heading in the reference, in alphabetical order, and every heading has a code", () => {
  const declared = declaredCodes();
  expect(declared.length).toBeGreaterThan(20);
  expect(documentedCodes()).toEqual(declared.toSorted((one, other) => (String(one) < String(other) ? -1 : 1)));
});
