import { connect } from "node:net";
import { text } from "node:stream/consumers";

/** The environment variable with the loopback port of the steward of a test run. */
export const STEWARD_PORT = "REACTIVE_DOMAIN_TEST_STEWARD_PORT";

/** What the steward has: the data directory to copy, or the URL of the shared server, which it starts for the first one who asks. */
export type StewardRequest = "template" | "server";

/** What the steward answers. */
export interface StewardAnswer {
  readonly value?: string;
  readonly error?: string;
}

/** Asks the steward of this test run. `undefined` outside of one; rejects with the reason when the steward has failed. */
export async function askSteward(request: StewardRequest): Promise<string | undefined> {
  const port = process.env[STEWARD_PORT];
  if (port === undefined) return undefined;
  const socket = connect({ port: Number(port), host: "127.0.0.1" });
  socket.write(request);
  const { value, error } = JSON.parse(await text(socket)) as StewardAnswer;
  if (value === undefined) throw new Error(error);
  return value;
}
