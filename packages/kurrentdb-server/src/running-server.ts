import { Server, ServerCredentials } from "@grpc/grpc-js";
import { currentRuntime, type Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { authentication } from "./access/authentication.ts";
import { noSecurity, securityOf, type Security } from "./access/security.ts";
import { admission, type Admission } from "./admission.ts";
import { batchedMessages } from "./batched-messages.ts";
import { clientEnds } from "./client-ends.ts";
import { earlyHeaders } from "./early-headers.ts";
import { HttpEnd } from "./http/http-end.ts";
import { Listener } from "./listener.ts";
import { Lanes } from "./metadata/lanes.ts";
import { KeptProjections } from "./projections/kept-projections.ts";
import { addServices } from "./services.ts";
import type { CompleteServerOptions, ServerLimits } from "./server-options.ts";
import type { KurrentServer } from "./kurrent-server.ts";
import { PersistentSubscriptions } from "./subscriptions/persistent-subscriptions.ts";
import type { SubscriptionsContext } from "./subscriptions/running-subscriptions.ts";
import type { TlsOptions } from "./tls/tls-options.ts";
import { urlOf } from "./url-of.ts";

/** A server, from when it is made to its end. */
export class RunningServer implements KurrentServer {
  readonly host: string;
  readonly #server: Server;
  readonly #listener: Listener;
  readonly #http: HttpEnd;
  readonly #security: Security;
  readonly #subscriptions: PersistentSubscriptions;
  readonly #runtime: Runtime = currentRuntime();
  readonly #tls: TlsOptions | undefined;
  readonly #drainMs: number;
  readonly #stopping = new AbortController();
  #port: number;
  #closing: Promise<void> | undefined;

  /** @param tellsFeatures Whether clients are told what they may call. They take a server that tells nothing for an old one, and fall back to HTTP/1.1. */
  constructor(store: EventStore, options: CompleteServerOptions, tellsFeatures = true) {
    const { host, port, tls, limits, insecure, firstPasswords } = options;
    this.host = host;
    this.#port = port;
    this.#tls = tls;
    this.#drainMs = limits.drainMs;
    const isAdmitted = (peer: string): boolean => this.#listener.isAdmitted(peer);
    this.#security = insecure ? noSecurity : securityOf(store, this.#runtime, firstPasswords);
    this.#server = grpcServer(limits, this.#security, {
      stopping: this.#stopping.signal,
      maxConnections: limits.maxConnections,
      isAdmitted,
    });
    const own = this.#contextOf(store, options);
    this.#subscriptions = new PersistentSubscriptions(own);
    const context = { ...own, subscriptions: this.#subscriptions };
    addServices(this.#server, context, { subscriptions: this.#subscriptions, tellsFeatures });
    this.#http = new HttpEnd(context, isAdmitted);
    // What is encrypted is encrypted by the listener.
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener = new Listener({
      runtime: this.#runtime,
      tls,
      maxConnections: limits.maxConnections,
      greetingMs: limits.greetingMs,
      takeHttp2: (socket) => injector.injectConnection(socket),
      takeHttp1: (socket) => this.#http.take(socket),
    });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return urlOf(this.host, this.#port, this.#tls);
  }

  async listen(): Promise<void> {
    try {
      await this.#security.open();
      this.#port = await this.#listener.listen(this.host, this.#port);
    } catch (error) {
      this.#server.forceShutdown();
      this.#security.close();
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
    const calls = new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => resolve());
    });
    await Promise.all([calls, this.#http.drained(), this.#subscriptions.stop()]);
    cancel();
    this.#listener.cut();
    this.#security.close();
  }

  #contextOf(store: EventStore, { limits }: CompleteServerOptions): SubscriptionsContext {
    return {
      store,
      limits,
      runtime: this.#runtime,
      authenticate: this.#security.authenticate,
      access: this.#security.access,
      users: this.#security.users,
      projections: new KeptProjections({ store, runtime: this.#runtime, access: this.#security.access }),
      lanes: new Lanes(),
      stopping: this.#stopping.signal,
      instanceId: this.#runtime.ids.next(),
      address: () => ({ host: this.host, port: this.#port }),
    };
  }
}

function grpcServer(limits: ServerLimits, security: Security, admitted: Admission): Server {
  return new Server({
    // The first is the nearest to the wire.
    interceptors: [
      clientEnds(),
      earlyHeaders("/event_store.client.streams.Streams/Read"),
      admission(admitted),
      ...(security === noSecurity ? [] : [authentication(security.authenticate)]),
      batchedMessages,
    ],
    "grpc.max_receive_message_length": limits.maxMessageBytes,
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": limits.keepAliveMs,
    "grpc.keepalive_timeout_ms": limits.keepAliveTimeoutMs,
  });
}
