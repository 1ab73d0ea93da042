import { join } from "node:path";
import { runCommand } from "../check/run-command.mjs";

/**
 * A package as npm would publish it.
 *
 * @typedef {object} PackedPackage
 * @property {import("../source/workspaces.mjs").Workspace} workspace
 * @property {string} tarball
 * @property {string[]} files
 */

/**
 * Packs workspaces into a folder, without running their scripts.
 *
 * @param {readonly import("../source/workspaces.mjs").Workspace[]} workspaces
 * @param {string} folder
 * @returns {Promise<PackedPackage[]>}
 */
export async function packAll(workspaces, folder) {
  const chosen = workspaces.map(({ name }) => `--workspace=${name}`);
  const command = [
    "npm",
    "pack",
    "--json",
    "--silent",
    "--ignore-scripts",
    "--no-update-notifier",
    `--pack-destination=${folder}`,
    ...chosen,
  ];
  const { code, output } = await runCommand(command);
  if (code !== 0) throw new Error(`npm pack failed:\n${output}`);
  const results = readResults(output);
  return workspaces.map((workspace) => {
    const result = results.find(({ name }) => name === workspace.name);
    if (result === undefined) throw new Error(`npm pack said nothing of ${workspace.name}`);
    return { workspace, tarball: join(folder, result.filename), files: result.files.map(({ path }) => path) };
  });
}

/**
 * What npm tells of the packed packages: a list, or an object by name, depending on its version.
 *
 * @param {string} output
 * @returns {{ name: string, filename: string, files: { path: string }[] }[]}
 */
function readResults(output) {
  const start = output.search(/^[[{]/m);
  return Object.values(JSON.parse(output.slice(start)));
}
