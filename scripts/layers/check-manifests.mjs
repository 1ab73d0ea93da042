import { violation } from "../source/violations.mjs";
import { findCycles } from "./find-cycles.mjs";

/** @typedef {import("../source/workspaces.mjs").Workspace} Workspace */
/** @typedef {import("./ladder.mjs").Ladder} Ladder */

const LINKING_SECTIONS = /** @type {const} */ (["dependencies", "peerDependencies", "optionalDependencies"]);
/** They look behind the ports: at what a database can do, and at what became of its file. */
const LOOK_BEHIND_PORTS = new Set(["benchmarks", "torture", "test-servers"]);

/**
 * The rules that the packages' declarations break.
 *
 * @param {readonly Workspace[]} workspaces
 * @param {Ladder} ladder
 * @returns {string[]}
 */
export function checkManifests(workspaces, ladder) {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
  return [
    ...workspaces.flatMap((workspace) => missingOnLadder(workspace, ladder)),
    ...workspaces.flatMap((workspace) => forbiddenLinks(workspace, byName, ladder)),
    ...workspaces.flatMap((workspace) => forbiddenOutside(workspace, byName, ladder)),
    ...sharedSystems(workspaces, byName),
    ...packageCycles(workspaces, byName),
  ];
}

/**
 * @param {Workspace} workspace
 * @param {Ladder} ladder
 */
function missingOnLadder(workspace, ladder) {
  if (ladder.rungOf(workspace.folder) !== undefined) return [];
  const wrong = `${workspace.folder} is missing on the ladder`;
  return [
    at(workspace, '"name"', { wrong, expected: "every workspace stands in ARCHITECTURE.md", remedy: "add it to the ladder block there" }),
  ];
}

/**
 * @param {Workspace} workspace
 * @param {ReadonlyMap<string, Workspace>} byName
 * @param {Ladder} ladder
 */
function forbiddenLinks(workspace, byName, ladder) {
  return linksOf(workspace).flatMap((name) => {
    const target = byName.get(name);
    const refusal = target && ladder.refusal(workspace.folder, target.folder);
    return refusal === undefined ? [] : [at(workspace, `"${name}"`, { ...refusal, wrong: `forbidden dependency, ${refusal.wrong}` })];
  });
}

/**
 * @param {Workspace} workspace
 * @param {ReadonlyMap<string, Workspace>} byName
 * @param {Ladder} ladder
 */
function forbiddenOutside(workspace, byName, ladder) {
  const allowed = ladder.outsideOf(workspace.folder);
  if (allowed === undefined) return [];
  const forbidden = linksOf(workspace).filter((name) => !byName.has(name) && !allowed.includes(name));
  return forbidden.map((name) => {
    const wrong = `${workspace.name} depends on ${name} from outside`;
    return at(workspace, `"${name}"`, {
      wrong,
      expected: `nothing but ${allowed.join(", ")}`,
      remedy: "do without it, or move it to an adapter or to level 5",
    });
  });
}

/**
 * The library of an outside system belongs to the first adapter that declares it.
 *
 * @param {readonly Workspace[]} workspaces
 * @param {ReadonlyMap<string, Workspace>} byName
 */
function sharedSystems(workspaces, byName) {
  /** @type {Map<string, Workspace>} */
  const owners = new Map();
  const adapters = workspaces.filter(({ folder }) => folder.startsWith("adapters/"));
  for (const adapter of adapters)
    for (const name of linksOf(adapter)) if (isSystem(name, byName) && !owners.has(name)) owners.set(name, adapter);
  const others = workspaces.filter(({ folder }) => !LOOK_BEHIND_PORTS.has(folder));
  return others.flatMap((other) =>
    linksOf(other).flatMap((name) => {
      const owner = owners.get(name);
      return owner === undefined || owner === other ? [] : [sharedSystem(other, name, owner)];
    }),
  );
}

/**
 * @param {string} name
 * @param {ReadonlyMap<string, Workspace>} byName
 */
const isSystem = (name, byName) => !byName.has(name) && !name.startsWith("@opentelemetry/");

/**
 * @param {Workspace} workspace
 * @param {string} name
 * @param {Workspace} owner
 */
function sharedSystem(workspace, name, owner) {
  const wrong = `${name} is declared by ${workspace.folder} and by ${owner.folder}`;
  return at(workspace, `"${name}"`, {
    wrong,
    expected: "an outside system is named in one adapter",
    remedy: `use it through ${owner.name}`,
  });
}

/**
 * @param {readonly Workspace[]} workspaces
 * @param {ReadonlyMap<string, Workspace>} byName
 */
function packageCycles(workspaces, byName) {
  const graph = new Map(workspaces.map((workspace) => [workspace.name, linksOf(workspace).filter((name) => byName.has(name))]));
  return findCycles(graph).flatMap((cycle) => {
    const [first = "", second = ""] = cycle;
    const workspace = byName.get(first);
    const rule = {
      wrong: `package cycle: ${cycle.join(" -> ")}`,
      expected: "packages depend on each other one way",
      remedy: "cut one of these dependencies",
    };
    return workspace === undefined ? [] : [at(workspace, `"${second}"`, rule)];
  });
}

/** @param {Workspace} workspace */
const linksOf = ({ manifest }) => LINKING_SECTIONS.flatMap((section) => Object.keys(manifest[section] ?? {}));

/**
 * @param {Workspace} workspace
 * @param {string} key the quoted key in its package.json
 * @param {import("./ladder.mjs").Refusal} rule
 */
function at({ folder, manifestText }, key, rule) {
  const line = manifestText.split("\n").findLastIndex((text) => text.includes(`${key}:`)) + 1;
  return violation({ file: `${folder}/package.json`, line: Math.max(line, 1), ...rule });
}
