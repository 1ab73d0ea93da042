import { fileURLToPath } from "node:url";

/**
 * One broken rule, on one line: where, what is wrong, what is expected, what to do.
 *
 * @param {{ file: string, line: number, wrong: string, expected: string, remedy: string }} parts
 */
export function violation({ file, line, wrong, expected, remedy }) {
  return `${file}:${line}: ${wrong}; expected: ${expected}; ${remedy}`;
}

/**
 * Runs a check when its script was called from the command line, on the folder of the last argument or the repository.
 *
 * @param {string} scriptUrl `import.meta.url` of the script
 * @param {(root: string) => string[]} check
 */
export function runAsScript(scriptUrl, check) {
  if (process.argv[1] !== fileURLToPath(scriptUrl)) return;
  const root = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? process.cwd();
  const violations = check(root);
  for (const line of violations) console.log(line);
  if (violations.length > 0) process.exitCode = 1;
}
