// Looks at each public package as npm would publish it: node scripts/packages.mjs (after a build)
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage } from "./packages/check-package.mjs";
import { packAll } from "./packages/pack.mjs";
import { readWorkspaces } from "./source/workspaces.mjs";

const SIDE_BY_SIDE = 2;

const folder = mkdtempSync(join(tmpdir(), "packages-"));
try {
  const workspaces = readWorkspaces(process.cwd()).filter(({ manifest }) => manifest.private !== true);
  const packed = await packAll(workspaces, folder);
  const lanes = Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (let next = packed.shift(); next !== undefined; next = packed.shift()) report(await checkPackage(next));
  });
  await Promise.all(lanes);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {readonly string[]} problems */
function report(problems) {
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
}
