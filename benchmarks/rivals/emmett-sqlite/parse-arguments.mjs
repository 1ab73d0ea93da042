import { parseArgs } from "node:util";
import { STREAMS } from "./appends.mjs";

const CONNECTIONS = ["shared", "per-append"];

/**
 * What one run does.
 *
 * @typedef {object} Options
 * @property {number} events how many events to append at most
 * @property {number} seconds for how long at most
 * @property {number} callers how many appends are under way at a time
 * @property {string} connection "shared" or "per-append"
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function parseArguments(args) {
  const text = { type: /** @type {const} */ ("string") };
  const { values } = parseArgs({ args: [...args], options: { events: text, seconds: text, callers: text, connection: text } });
  const connection = values.connection ?? "shared";
  if (!CONNECTIONS.includes(connection))
    throw new RangeError(`--connection is "${connection}"; expected one of ${CONNECTIONS.join(", ")}: give one of them`);
  const callers = countOf("callers", values.callers ?? "1", STREAMS);
  if (STREAMS % callers !== 0) throw new RangeError(`--callers is ${callers}; expected a divisor of ${STREAMS}: give a power of two`);
  return {
    events: countOf("events", values.events ?? "5000", 1_000_000),
    seconds: countOf("seconds", values.seconds ?? "30", 300),
    callers,
    connection,
  };
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} max
 */
function countOf(name, text, max) {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= max) return count;
  throw new RangeError(`--${name} is "${text}"; expected a whole number from 1 to ${max}: give one`);
}
