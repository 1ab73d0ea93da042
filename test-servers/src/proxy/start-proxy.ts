import { createServer, type Server, type Socket } from "node:net";
import { freePort } from "../free-port.ts";
import { Breakpoints, type Breakpoint, type Direction, type PassingMessage } from "./breakpoints.ts";
import { ProxiedConnection, type CutKind } from "./proxied-connection.ts";

/** How a proxy cuts. */
export interface ProxyOptions {
  /** How a cut looks to the client. Default `end`. After a `reset` it may miss what passed shortly before. */
  readonly cutKind?: CutKind;
}

/** A place after so many bytes in one direction, over all connections, counted from now. */
export interface BytePlace {
  readonly direction: Direction;
  readonly bytes: number;
}

/** Chooses the messages that count. Default: all of them, in both directions and on all connections. */
export type CountedMessages = (message: PassingMessage) => boolean;

/**
 * A proxy before a PostgreSQL server, for whole messages of its protocol. Disposal cuts all connections and stops it.
 *
 * Every place of a write at which a connection can break:
 *
 *     for (let place = 1, reached = true; reached; place++) {
 *       const cut = proxy.cutAt(place);
 *       …write, and look…
 *       reached = cut.reached;
 *       cut.remove();
 *     }
 */
export interface Proxy extends AsyncDisposable {
  /** The URL of the target, with the address of the proxy. */
  readonly url: string;
  /** How many connections of clients are open. */
  readonly connections: number;
  /** Cuts all connections. What has passed before still reaches the server. */
  cut(): void;
  /** Cuts one connection right before its message that is the n-th of all messages, counted from 1 and from now. */
  cutAt(n: number, counts?: CountedMessages): Breakpoint;
  /** Holds one connection, in both directions, right before the message that is the n-th, until `resume`. */
  holdAt(n: number, counts?: CountedMessages): Breakpoint;
  /** Cuts one connection when so many bytes have passed, also in the middle of a message. */
  cutAfter(place: BytePlace): Breakpoint;
  /** Holds back what is on its way on all connections, also new ones. Default: in both directions. */
  pause(direction?: Direction): void;
  /** Lets pass what was held back. Default: in both directions. */
  resume(direction?: Direction): void;
  /** Holds back, until `resume`, what is on its way on the connections that are open, also their ends, as a firewall that has forgotten them. New ones are served. */
  silence(): void;
  /** Whether new connections are refused, as where no server listens. Those that are open stay. Default `false`. */
  refuse(refuses: boolean): Promise<void>;
}

const HOST = "127.0.0.1";

/** Starts a proxy before the server of a URL. */
export async function startProxy(targetUrl: string, { cutKind = "end" }: ProxyOptions = {}): Promise<Proxy> {
  const proxy = new PostgresProxy(targetUrl, await freePort(), cutKind);
  await proxy.refuse(false);
  return proxy;
}

class PostgresProxy implements Proxy {
  readonly url: string;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #port: number;
  readonly #cutKind: CutKind;
  readonly #breakpoints = new Breakpoints();
  readonly #open = new Set<ProxiedConnection>();
  readonly #paused = new Set<Direction>();
  #listener: Server | undefined;
  #taken = 0;

  constructor(targetUrl: string, port: number, cutKind: CutKind) {
    const url = new URL(targetUrl);
    this.#target = { host: url.hostname, port: Number(url.port === "" ? 5432 : url.port) };
    url.hostname = HOST;
    url.port = String(port);
    this.url = url.href;
    this.#port = port;
    this.#cutKind = cutKind;
  }

  get connections(): number {
    return this.#open.size;
  }

  cut(): void {
    for (const connection of this.#open) connection.cut();
  }

  cutAt(n: number, counts?: CountedMessages): Breakpoint {
    return this.#breakpoints.add((_message, counted) => (counted === n ? { action: "cut", bytes: 0 } : undefined), counts);
  }

  holdAt(n: number, counts?: CountedMessages): Breakpoint {
    return this.#breakpoints.add((_message, counted) => (counted === n ? { action: "hold" } : undefined), counts);
  }

  cutAfter({ direction, bytes }: BytePlace): Breakpoint {
    let left = bytes;
    return this.#breakpoints.add(
      ({ length }) => {
        left -= length;
        return left < 0 ? { action: "cut", bytes: left + length } : undefined;
      },
      (message) => message.direction === direction,
    );
  }

  pause(direction?: Direction): void {
    for (const each of directionsOf(direction)) {
      this.#paused.add(each);
      for (const connection of this.#open) connection.hold(each);
    }
  }

  resume(direction?: Direction): void {
    for (const each of directionsOf(direction)) {
      this.#paused.delete(each);
      for (const connection of this.#open) connection.resume(each);
    }
  }

  silence(): void {
    for (const connection of this.#open) connection.hold();
  }

  async refuse(refuses: boolean): Promise<void> {
    const listener = this.#listener;
    if (refuses === (listener === undefined)) return;
    this.#listener = refuses ? undefined : await this.#listen();
    listener?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.refuse(true);
    this.cut();
  }

  #listen(): Promise<Server> {
    return new Promise((resolve, reject) => {
      const listener = createServer({ allowHalfOpen: true }, (client) => this.#take(client));
      listener.once("error", reject).listen({ port: this.#port, host: HOST }, () => resolve(listener));
    });
  }

  #take(client: Socket): void {
    const number = ++this.#taken;
    const connection = new ProxiedConnection({
      client,
      target: this.#target,
      cutKind: this.#cutKind,
      judge: ({ type, bytes }, direction) => this.#breakpoints.judge({ direction, type, length: bytes.length, connection: number }),
    });
    this.#open.add(connection);
    client.once("close", () => this.#open.delete(connection));
    for (const direction of this.#paused) connection.hold(direction);
  }
}

const directionsOf = (direction: Direction | undefined): readonly Direction[] =>
  direction === undefined ? ["toServer", "toClient"] : [direction];
