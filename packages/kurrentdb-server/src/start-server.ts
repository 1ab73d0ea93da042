import { Server, ServerCredentials } from "@grpc/grpc-js";
import { currentRuntime, type Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { openAccess } from "./access/access.ts";
import { admission } from "./admission.ts";
import { batchedMessages } from "./batched-messages.ts";
import { clientEnds } from "./client-ends.ts";
import { earlyHeaders } from "./early-headers.ts";
import { Listener } from "./listener.ts";
import { Lanes } from "./metadata/lanes.ts";
import { addServices } from "./services.ts";
import { PersistentSubscriptions, type SubscriptionsContext } from "./subscriptions/persistent-subscriptions.ts";
import { completeOptions, type CompleteServerOptions, type ServerOptions } from "./server-options.ts";

/** A server that is listening. */
export interface KurrentServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What clients connect to, like `kurrentdb://127.0.0.1:2113?tls=false`. */
  readonly url: string;
  /**
   * Takes no new calls, ends subscriptions, finishes the rest, and stops. What is not finished after `drainMs` is cut off. The store stays open: it is its owner's.
   * Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

/**
 * Serves a store to clients of KurrentDB.
 *
 *     await using server = await startServer(store, { port: 0, insecure: true });
 *     const client = KurrentDBClient.connectionString(server.url);
 *
 * Errors: `invalid-argument`, `cannot-listen`.
 */
export async function startServer(store: EventStore, options: ServerOptions = {}): Promise<KurrentServer> {
  const running = new RunningServer(store, completeOptions(options));
  await running.listen();
  return running;
}

class RunningServer implements KurrentServer {
  readonly host: string;
  readonly #server: Server;
  readonly #listener: Listener;
  readonly #runtime: Runtime = currentRuntime();
  readonly #drainMs: number;
  readonly #stopping = new AbortController();
  #port: number;
  readonly #subscriptions: PersistentSubscriptions;
  #closing: Promise<void> | undefined;

  constructor(store: EventStore, { host, port, limits }: CompleteServerOptions) {
    this.host = host;
    this.#port = port;
    this.#drainMs = limits.drainMs;
    const { maxConnections } = limits;
    const stopping = this.#stopping.signal;
    const server = new Server({
      // The first is the nearest to the wire.
      interceptors: [
        clientEnds(),
        earlyHeaders("/event_store.client.streams.Streams/Read"),
        admission({ stopping, maxConnections, isAdmitted: (peer) => this.#listener.isAdmitted(peer) }),
        batchedMessages,
      ],
      "grpc.max_receive_message_length": limits.maxMessageBytes,
      "grpc.max_send_message_length": -1,
      "grpc.keepalive_time_ms": limits.keepAliveMs,
      "grpc.keepalive_timeout_ms": limits.keepAliveTimeoutMs,
    });
    this.#server = server;
    this.#listener = new Listener(server, ServerCredentials.createInsecure(), maxConnections);
    const context: SubscriptionsContext = {
      store,
      limits,
      runtime: this.#runtime,
      access: openAccess,
      lanes: new Lanes(),
      stopping,
      address: () => ({ host: this.host, port: this.#port }),
    };
    this.#subscriptions = new PersistentSubscriptions(context);
    addServices(server, { ...context, subscriptions: this.#subscriptions }, this.#subscriptions);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    const host = this.host.includes(":") ? `[${this.host}]` : this.host;
    return `kurrentdb://${host}:${this.#port}?tls=false`;
  }

  async listen(): Promise<void> {
    try {
      this.#port = await this.#listener.listen(this.host, this.#port);
    } catch (error) {
      this.#server.forceShutdown();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    this.#listener.stop();
    const cancel = this.#runtime.scheduler.after(this.#drainMs, () => {
      this.#server.forceShutdown();
      this.#listener.cut();
    });
    const shutDown = new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => resolve());
    });
    await Promise.all([shutDown, this.#subscriptions.stop()]);
    cancel();
    this.#listener.cut();
  }
}
