import { createServer, type AddressInfo } from "node:net";
import type { RunServers } from "./run-servers.ts";
import { STEWARD_PORT, type StewardAnswer } from "./steward-client.ts";

/** Waits, at the start of a test run, for tests that ask for a server. Returns what stops all that was started. */
export async function setup(): Promise<() => Promise<void>> {
  let servers: Promise<RunServers> | undefined;
  const answer = async (request: string): Promise<string> => {
    servers ??= import("./run-servers.ts").then((module) => new module.RunServers());
    return (await servers).answer(request);
  };
  const desk = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request) => {
      void answer(request.toString())
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
