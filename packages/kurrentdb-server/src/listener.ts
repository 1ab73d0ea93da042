import { createServer as createPlainServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { CancelTask, Runtime } from "@reactive-domain/core";
import { CannotListen } from "./errors.ts";
import { whenSpoken } from "./spoken-protocol.ts";
import type { TlsOptions } from "./tls/tls-options.ts";

/** How many connections beside those that are let in are taken, to be told that they are too many. */
const SPARE_CONNECTIONS = 100;
const PROTOCOLS = ["h2", "http/1.1"];

/** What takes connections when it is known what they speak. */
export type TakeConnection = (socket: Socket) => void;

export interface ListenerOptions {
  readonly runtime: Runtime;
  readonly tls: TlsOptions | undefined;
  readonly maxConnections: number;
  /** How many milliseconds a client has to agree on encryption, and to begin to speak. */
  readonly greetingMs: number;
  readonly takeHttp2: TakeConnection;
  readonly takeHttp1: TakeConnection;
}

/** Takes connections at one port, as many as are let in, encrypts them where it is told to, gives them to what they speak, and can cut them. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #admitted = new Set<string>();
  readonly #sockets = new Map<string, Socket>();
  /** Of connections that have not begun to speak: what keeps them from being cut off. */
  readonly #greetings = new Map<string, CancelTask>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = serverOf(options, (socket) => this.#listenTo(socket));
    this.#server.maxConnections = options.maxConnections + SPARE_CONNECTIONS;
    // Before what encrypts it.
    this.#server.prependListener("connection", (socket: Socket) => this.#hold(socket));
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

  /** Whether calls of a connection, named by the address and the port of the client, are taken: it was let in, or there is room for it by now. One that has gone takes no room. */
  isAdmitted(peer: string): boolean {
    if (this.#sockets.has(peer) && this.#admitted.size < this.#options.maxConnections) this.#admitted.add(peer);
    return this.#admitted.has(peer);
  }

  /** Takes no more connections. */
  stop(): void {
    this.#server.close();
  }

  /** Ends all connections at once. */
  cut(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #hold(socket: Socket): void {
    const peer = peerOf(socket);
    const { runtime, greetingMs } = this.#options;
    this.#sockets.set(peer, socket);
    this.isAdmitted(peer);
    this.#greetings.set(
      peer,
      runtime.scheduler.after(greetingMs, () => socket.destroy()),
    );
    ignoreErrors(socket);
    socket.on("close", () => {
      this.#sockets.delete(peer);
      this.#admitted.delete(peer);
      this.#greeted(peer);
    });
  }

  #listenTo(socket: Socket): void {
    const peer = peerOf(socket);
    const { takeHttp1, takeHttp2 } = this.#options;
    ignoreErrors(socket);
    whenSpoken(socket, (protocol) => {
      this.#greeted(peer);
      if (protocol === undefined) socket.destroy();
      else if (protocol === "http/2") takeHttp2(socket);
      else takeHttp1(socket);
    });
  }

  #greeted(peer: string): void {
    this.#greetings.get(peer)?.();
    this.#greetings.delete(peer);
  }
}

/** The address and the port of a client: what names its connection, also below the encryption. */
export function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}

function serverOf({ tls, greetingMs }: ListenerOptions, take: TakeConnection): Server {
  if (tls === undefined) return createPlainServer({ noDelay: true }, take);
  const { cert, key } = tls;
  const server = createTlsServer(
    { noDelay: true, cert, key, minVersion: "TLSv1.2", ALPNProtocols: PROTOCOLS, handshakeTimeout: greetingMs },
    take,
  );
  return server.on("tlsClientError", (_error, socket) => socket.destroy());
}

/** What a broken connection meant for calls, their streams tell. */
function ignoreErrors(socket: Socket): void {
  socket.on("error", () => undefined);
}
