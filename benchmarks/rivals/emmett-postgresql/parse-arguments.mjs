import { parseArgs } from "node:util";
import { STREAMS } from "./load.mjs";

const MAX_EVENTS = 10_000_000;
const MAX_SECONDS = 300;
/** What a server takes by default, less a few for others. */
const MAX_CONNECTIONS = 90;

/**
 * What one run does.
 *
 * @typedef {object} Options
 * @property {string} url of the database
 * @property {number} callers how many calls are under way at a time
 * @property {number} events how many events to append, to read or to handle at most
 * @property {number} eventsPerAppend
 * @property {number} seconds for how long at most
 * @property {number} connections how many the store's pool may open
 * @property {number} history how many events are there before reading begins
 * @property {string} consumer "default", "tuned" or "bare"
 * @property {number} batch events of a batch, of a consumer that is not the default
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function parseArguments(args) {
  const text = { type: /** @type {const} */ ("string") };
  const names = ["url", "callers", "events", "events-per-append", "seconds", "connections", "history", "consumer", "batch"];
  const { values } = parseArgs({ args: [...args], options: Object.fromEntries(names.map((name) => [name, text])) });
  const count = (name, otherwise, max) => countOf(name, values[name] ?? otherwise, max);
  const url = values.url;
  if (url === undefined)
    throw new RangeError("--url is missing; expected the address of a database: give postgres://user@host:port/database");
  const callers = count("callers", "1", STREAMS);
  if (STREAMS % callers !== 0) throw new RangeError(`--callers is ${callers}; expected a divisor of ${STREAMS}: give a power of two`);
  const consumer = values.consumer ?? "default";
  if (!["default", "tuned", "bare"].includes(consumer))
    throw new RangeError(`--consumer is "${consumer}"; expected default, tuned or bare: give one of them`);
  return {
    url,
    callers,
    events: count("events", "5000", MAX_EVENTS),
    eventsPerAppend: count("events-per-append", "1", 1_000),
    seconds: count("seconds", "30", MAX_SECONDS),
    connections: count("connections", "10", MAX_CONNECTIONS),
    history: count("history", "20000", MAX_EVENTS),
    consumer,
    batch: count("batch", consumer === "bare" ? "100000" : "1000", 1_000_000),
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
