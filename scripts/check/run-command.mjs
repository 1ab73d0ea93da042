import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

/** @typedef {{ code: number, output: string }} CommandResult */

/**
 * Runs a command, found in node_modules/.bin first, and collects all it prints.
 *
 * @param {readonly string[]} command the program and its arguments
 * @returns {Promise<CommandResult>}
 */
export function runCommand([program = "", ...args]) {
  const env = { ...process.env, PATH: [join(process.cwd(), "node_modules", ".bin"), process.env["PATH"]].join(delimiter) };
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ code: 1, output: `${program}: ${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}
