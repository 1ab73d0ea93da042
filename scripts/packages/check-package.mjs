import { runCommand } from "../check/run-command.mjs";

const UNPUBLISHED = /\.tsbuildinfo$|^test\/|\.test\.[cm]?[jt]s$|\.(db|log)$/;

/**
 * What publint, attw and the list of packed files say against a package.
 *
 * @param {import("./pack.mjs").PackedPackage} packed
 * @returns {Promise<string[]>}
 */
export async function checkPackage({ workspace, tarball, files }) {
  const stray = files.filter((file) => UNPUBLISHED.test(file));
  const problems = stray.map((file) => `${workspace.folder}: ${file} would be published; exclude it by "files" in package.json`);
  const publint = await runCommand(["publint", "run", tarball, "--strict", "--level", "warning"]);
  if (publint.code !== 0) problems.push(`${workspace.folder}: publint\n${publint.output}`);
  if (workspace.manifest.exports === undefined) return problems;
  const attw = await runCommand([
    "attw",
    tarball,
    "--profile",
    "esm-only",
    "--no-definitely-typed",
    "--no-emoji",
    "--no-color",
    "--format",
    "ascii",
  ]);
  if (attw.code !== 0) problems.push(`${workspace.folder}: attw\n${attw.output}`);
  return problems;
}
