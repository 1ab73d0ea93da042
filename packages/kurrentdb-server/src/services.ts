import type { Server, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { gossip } from "./gossip.ts";
import { projectionsService } from "./projections/projections-service.ts";
import type { ServerContext } from "./server-context.ts";
import { getSupportedMethods } from "./server-features.ts";
import { append } from "./streams/append.ts";
import { batchAppend } from "./streams/batch-append.ts";
import { deleteStream } from "./streams/delete.ts";
import { read } from "./streams/read.ts";
import { ReadSlots } from "./streams/read-slots.ts";
import { tombstoneStream } from "./streams/tombstone.ts";
import { appendRecords } from "./streams-v2/append-records.ts";
import { appendSession } from "./streams-v2/append-session.ts";
import type { PersistentSubscriptions } from "./subscriptions/persistent-subscriptions.ts";
import { subscriptionCalls } from "./subscriptions/subscription-calls.ts";
import { decodeAppendRequest, decodeBatchPiece } from "./wire/decode-append.ts";
import { decodeSubscriptionRead } from "./wire/decode-subscription-read.ts";
import { GOSSIP, PERSISTENT_SUBSCRIPTIONS, PROJECTIONS, SERVER_FEATURES, STREAMS, STREAMS_V2, USERS } from "./wire/load-services.ts";
import { userCalls } from "./users/user-calls.ts";

/** A service of the wire, and what answers its calls. */
interface Service {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
}

interface ServicesOptions {
  readonly subscriptions: PersistentSubscriptions;
  /** Whether clients are told what they may call. */
  readonly tellsFeatures: boolean;
}

/** Lets a server answer all that clients may call. */
export function addServices(server: Server, context: ServerContext, { subscriptions, tellsFeatures }: ServicesOptions): void {
  const services = servicesOf(context, subscriptions);
  for (const { definition, handlers } of services) server.addService(definition, handlers);
  const told = tellsFeatures ? [...services.map(({ definition }) => definition), SERVER_FEATURES] : [];
  server.addService(SERVER_FEATURES, { GetSupportedMethods: getSupportedMethods(told) });
}

function servicesOf(context: ServerContext, subscriptions: PersistentSubscriptions): readonly Service[] {
  const slots = new ReadSlots(context.limits);
  return [
    {
      definition: withHandmadeMessages(STREAMS, { Append: decodeAppendRequest, BatchAppend: decodeBatchPiece }),
      handlers: {
        Append: append(context),
        BatchAppend: batchAppend(context),
        Delete: deleteStream(context),
        Read: read(context, slots),
        Tombstone: tombstoneStream(context),
      },
    },
    {
      definition: withSizes(STREAMS_V2),
      handlers: { AppendSession: appendSession(context), AppendRecords: appendRecords(context) },
    },
    { definition: USERS, handlers: userCalls(context.users) },
    {
      definition: withHandmadeMessages(PERSISTENT_SUBSCRIPTIONS, { Read: decodeSubscriptionRead }),
      handlers: subscriptionCalls(context, { subscriptions, slots }),
    },
    { definition: PROJECTIONS, handlers: projectionsService(context) },
    { definition: GOSSIP, handlers: { Read: gossip(context) } },
  ];
}

/** What comes by the thousand is decoded by hand; what a handler has encoded itself is sent as it is. */
function withHandmadeMessages(
  service: ServiceDefinition,
  decoders: Readonly<Record<string, (bytes: Buffer) => unknown>>,
): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: decoders[name] ?? method.requestDeserialize,
        responseSerialize: (value: unknown) => (Buffer.isBuffer(value) ? value : method.responseSerialize(value)),
      },
    ]),
  );
}

/** Every request tells how large it was. */
function withSizes(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize: (bytes: Buffer) => Object.assign(method.requestDeserialize(bytes) as object, { bytes: bytes.length }),
      },
    ]),
  );
}
