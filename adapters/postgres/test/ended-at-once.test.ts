import { createServer, type AddressInfo, type Server } from "node:net";
import { openPostgresStore } from "@reactive-domain/postgres";
import { expect, onTestFinished, test } from "vitest";

function message(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body, "latin1")]);
}

const WELCOME = [message("R", "\0\0\0\0"), message("Z", "I")];
const FAREWELL = message("E", "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0");

/** A server that takes a connection and says in the same breath that it ends it, as one does that was killed. */
async function startDyingServer(): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.concat([...WELCOME, FAREWELL])));
  });
  await new Promise<Server>((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, () => resolve(server)));
  onTestFinished(() => void server.close());
  return `postgres://postgres@127.0.0.1:${(server.address() as AddressInfo).port}/postgres`;
}

test("a connection that the server ends in the moment of its beginning is a refusal, and does not end the process", async () => {
  await expect(openPostgresStore(await startDyingServer())).rejects.toMatchObject({ code: "store-unavailable", retryable: true });
});
