import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { programArguments } from "../src/program-arguments.ts";

const run = async (program: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [...programArguments(program), ...args])).stdout;

async function folderWith(sources: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
  return folder;
}

test("a program gets its arguments, knows where its sources stand, and keeps the names of classes that are alike", async () => {
  const folder = await folderWith({
    "main.ts": `import { Kept } from "./kept.ts";
const other: string = (() => { class Kept {} return Kept.name; })();
console.log(JSON.stringify([Kept.name, other, import.meta.url.endsWith("/main.ts"), process.argv.slice(2)]));`,
    "kept.ts": "export class Kept {}",
  });
  expect(JSON.parse(await run(join(folder, "main.ts"), "a", "b"))).toEqual(["Kept", "Kept", true, ["a", "b"]]);
});

test("a program is made again after one of its sources has changed", async () => {
  const folder = await folderWith({
    "main.ts": 'import { said } from "./said.ts"; console.log(said);',
    "said.ts": "export const said = 1;",
  });
  expect(await run(join(folder, "main.ts"))).toBe("1\n");
  writeFileSync(join(folder, "said.ts"), "export const said = 2;");
  expect(await run(join(folder, "main.ts"))).toBe("2\n");
});

test("a program that cannot be made says why", async () => {
  const folder = await folderWith({ "main.ts": 'import "./nowhere.ts";' });
  await expect(run(join(folder, "main.ts"))).rejects.toThrow(/main\.ts:1:7: ERROR: Could not resolve "\.\/nowhere\.ts"/);
});

test("what fails in a program names the line of the source", async () => {
  const folder = await folderWith({ "main.ts": 'interface Unused {}\nthrow new Error("the program failed");' });
  await expect(run(join(folder, "main.ts"))).rejects.toThrow(/main\.ts:2:7/);
});
