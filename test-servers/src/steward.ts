import { createServer, type AddressInfo } from "node:net";
import type { RunServers } from "./run-servers.ts";
import { STEWARD_PORT } from "./ask-steward.mjs";
import type { StewardAnswer, StewardRequest } from "./steward-request.ts";

/** Does something while there is a steward: that of the test run it is part of, or one for itself. */
export async function withSteward<T>(work: () => Promise<T>): Promise<T> {
  if (process.env[STEWARD_PORT] !== undefined) return work();
  const end = await setup();
  try {
    return await work();
  } finally {
    await end();
  }
}

/** Waits, at the start of a test run, for tests that ask for a server or a program. Returns what stops all that was started. */
export async function setup(): Promise<() => Promise<void>> {
  let servers: Promise<RunServers> | undefined;
  const answer = async (request: StewardRequest): Promise<string> => {
    servers ??= import("./run-servers.ts").then((module) => new module.RunServers());
    return (await servers).answer(request);
  };
  const desk = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => {
      void answer(request.toString() as StewardRequest)
        .then(
          (value): StewardAnswer => ({ value }),
          (error: unknown): StewardAnswer => ({ error: String(error) }),
        )
        .then((answered) => socket.end(JSON.stringify(answered)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    desk.once("error", reject).listen({ port: 0, host: "127.0.0.1" }, resolve);
  });
  desk.unref();
  process.env[STEWARD_PORT] = String((desk.address() as AddressInfo).port);
  return async () => {
    desk.close();
    await (await servers)?.close();
  };
}
