import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** The environment variable with the loopback port of the steward of a test run. */
export const STEWARD_PORT = "REACTIVE_DOMAIN_TEST_STEWARD_PORT";

/**
 * Asks the steward of this test run. `undefined` outside of one; rejects with the reason when the steward has failed.
 *
 * @param {import("./steward-request.ts").StewardRequest} request
 * @returns {Promise<string | undefined>}
 */
export async function askSteward(request) {
  const port = process.env[STEWARD_PORT];
  if (port === undefined) return undefined;
  const socket = connect({ port: Number(port), host: "127.0.0.1" });
  socket.write(request);
  /** @type {import("./steward-request.ts").StewardAnswer} */
  const { value, error } = JSON.parse(await text(socket));
  if (value === undefined) throw new Error(error);
  return value;
}
