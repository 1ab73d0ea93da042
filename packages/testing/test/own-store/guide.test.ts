import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const FOLDER = "packages/testing/test/own-store";
const ROOT = new URL("../../../../", import.meta.url);

const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

it.each(["journal.ts", "stored-write.ts", "json-lines-store.ts"])("the guide shows every line of %s", (file) => {
  const guide = read("docs/guide/write-your-own-store.md");
  const outside: string[] = [];
  let region: string | undefined;
  for (const line of read(`${FOLDER}/${file}`).split("\n")) {
    const [, marker, name] = /^\s*\/\/ #(region|endregion) ?(\S*)$/.exec(line) ?? [];
    if (marker !== undefined) region = marker === "region" ? name : undefined;
    else if (region === undefined ? line.trim() !== "" : !guide.includes(`<!-- snippet: ${FOLDER}/${file}#${region} -->`))
      outside.push(line);
  }
  expect(outside).toEqual([]);
});
