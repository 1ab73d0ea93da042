import type { Server, ServerCredentials } from "@grpc/grpc-js";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { CannotListen } from "./errors.ts";

/** How many connections beside those that are let in are taken, to be told that they are too many. */
const SPARE_CONNECTIONS = 100;

/** Takes connections for a gRPC server, as many as are let in, and can cut them. */
export class Listener {
  readonly #maxConnections: number;
  readonly #server = createServer({ noDelay: true });
  readonly #admitted = new Set<string>();
  readonly #sockets = new Set<Socket>();

  constructor(grpc: Server, credentials: ServerCredentials, maxConnections: number) {
    this.#maxConnections = maxConnections;
    this.#server.maxConnections = maxConnections + SPARE_CONNECTIONS;
    const injector = grpc.createConnectionInjector(credentials);
    this.#server.on("connection", (socket) => {
      this.#admit(socket);
      injector.injectConnection(socket);
    });
  }

  /** Resolves to the port. Errors: `cannot-listen`. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(new CannotListen(host, port, error));
      this.#server.once("error", fail);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", fail);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Whether calls of a connection, named by the address and the port of the client, are taken: it was let in, or there is room for it by now. */
  isAdmitted(peer: string): boolean {
    if (this.#admitted.size < this.#maxConnections) this.#admitted.add(peer);
    return this.#admitted.has(peer);
  }

  /** Takes no more connections. */
  stop(): void {
    this.#server.close();
  }

  /** Ends all connections at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #admit(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.isAdmitted(peer);
    this.#sockets.add(socket);
    // What a broken connection meant for calls, their streams tell.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#admitted.delete(peer);
    });
  }
}
