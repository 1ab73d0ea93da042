import { dirname, posix } from "node:path";
import { violation } from "../source/violations.mjs";
import { findCycles } from "./find-cycles.mjs";

/**
 * The cycles between the files of one package; an import of a type counts.
 *
 * @param {ReadonlyMap<string, readonly import("./find-imports.mjs").Import[]>} importsByFile
 * @returns {string[]}
 */
export function checkFileCycles(importsByFile) {
  const files = new Set(importsByFile.keys());
  const graph = new Map(
    [...importsByFile].map(([file, imports]) => [file, imports.flatMap(({ specifier }) => targetOf(file, specifier, files))]),
  );
  return findCycles(graph).map((cycle) => {
    const [file = "", next = ""] = cycle;
    const line = importsByFile.get(file)?.find(({ specifier }) => targetOf(file, specifier, files).includes(next))?.line ?? 1;
    const wrong = `file cycle: ${cycle.join(" -> ")}`;
    return violation({
      file,
      line,
      wrong,
      expected: "files import each other one way",
      remedy: "move what both need to a file of its own",
    });
  });
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {ReadonlySet<string>} files
 */
function targetOf(file, specifier, files) {
  if (!specifier.startsWith(".")) return [];
  const path = posix.join(dirname(file), specifier);
  return [path, path.replace(/\.(m?)js$/, ".$1ts")].filter((candidate) => files.has(candidate)).slice(0, 1);
}
