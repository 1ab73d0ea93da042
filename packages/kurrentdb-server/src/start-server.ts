import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { currentRuntime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import { batchedMessages } from "./batched-messages.ts";
import { gossip } from "./gossip.ts";
import { Lanes } from "./metadata/lanes.ts";
import type { ServerContext } from "./server-context.ts";
import { getSupportedMethods } from "./server-features.ts";
import { completeOptions, type CompleteServerOptions, type ServerOptions } from "./server-options.ts";
import { append } from "./streams/append.ts";
import { batchAppend } from "./streams/batch-append.ts";
import { deleteStream } from "./streams/delete.ts";
import { read } from "./streams/read.ts";
import { tombstoneStream } from "./streams/tombstone.ts";
import { appendRecords } from "./streams-v2/append-records.ts";
import { appendSession } from "./streams-v2/append-session.ts";
import { decodeAppendRequest, decodeBatchPiece } from "./wire/decode-append.ts";
import { GOSSIP, SERVER_FEATURES, STREAMS, STREAMS_V2 } from "./wire/load-services.ts";

/** A server that is listening. */
export interface KurrentServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What clients connect to, like `kurrentdb://127.0.0.1:2113?tls=false`. */
  readonly url: string;
  /** Takes no new calls, ends subscriptions, finishes the rest, and stops. The store stays open: it is its owner's. Calling it again waits for the same end. */
  close(): Promise<void>;
}

/** Serves a store to clients of KurrentDB. */
export async function startServer(store: EventStore, options: ServerOptions = {}): Promise<KurrentServer> {
  const complete = completeOptions(options);
  const server = new Server({
    interceptors: [batchedMessages],
    "grpc.max_receive_message_length": complete.limits.maxMessageBytes,
    "grpc.max_send_message_length": -1,
  });
  const running = new RunningServer(server, store, complete);
  await running.listen();
  return running;
}

class RunningServer implements KurrentServer {
  readonly host: string;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  #port: number;
  #closing: Promise<void> | undefined;

  constructor(server: Server, store: EventStore, { host, port, limits }: CompleteServerOptions) {
    this.#server = server;
    this.host = host;
    this.#port = port;
    const context: ServerContext = {
      store,
      limits,
      runtime: currentRuntime(),
      lanes: new Lanes(),
      stopping: this.#stopping.signal,
      address: () => ({ host: this.host, port: this.#port }),
    };
    const services: readonly ServiceDefinition[] = [STREAMS, STREAMS_V2, SERVER_FEATURES, GOSSIP];
    server.addService(withHandmadeMessages(STREAMS), {
      Append: append(context),
      BatchAppend: batchAppend(context),
      Delete: deleteStream(context),
      Read: read(context),
      Tombstone: tombstoneStream(context),
    } as UntypedServiceImplementation);
    server.addService(STREAMS_V2, { AppendSession: appendSession(context), AppendRecords: appendRecords(context) });
    server.addService(SERVER_FEATURES, { GetSupportedMethods: getSupportedMethods(services) });
    server.addService(GOSSIP, { Read: gossip(context) });
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `kurrentdb://${this.host}:${this.#port}?tls=false`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`${this.host}:${this.#port}`, ServerCredentials.createInsecure(), (error, port) => {
        if (error !== null) return reject(error);
        this.#port = port;
        return resolve();
      });
    });
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
    await new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => resolve());
    });
  }
}

/** What comes by the thousand is decoded by hand; what a handler has encoded itself is sent as it is. */
function withHandmadeMessages(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: DECODERS[name] ?? method.requestDeserialize,
        responseSerialize: (value: unknown) => (Buffer.isBuffer(value) ? value : method.responseSerialize(value)),
      },
    ]),
  );
}

const DECODERS: Readonly<Record<string, (bytes: Buffer) => unknown>> = { Append: decodeAppendRequest, BatchAppend: decodeBatchPiece };
