import { fileURLToPath } from "node:url";
import { loadPackageDefinition, type GrpcObject, type ServiceClientConstructor, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const FILES = [
  "streams.proto",
  "streams-v2.proto",
  "server-features.proto",
  "gossip.proto",
  "projections.proto",
  "persistent-subscriptions.proto",
  "users.proto",
];

/** Names stay as they are on the wire; 64-bit integers are text, since not all of them fit a number. */
const packages = loadPackageDefinition(
  loadSync(FILES, {
    includeDirs: [fileURLToPath(new URL("../../protos/", import.meta.url))],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    arrays: true,
    objects: true,
  }),
);

/** The services that the server has. */
export const STREAMS: ServiceDefinition = serviceOf("event_store.client.streams.Streams");
export const STREAMS_V2: ServiceDefinition = serviceOf("kurrentdb.protocol.v2.streams.StreamsService");
export const SERVER_FEATURES: ServiceDefinition = serviceOf("event_store.client.server_features.ServerFeatures");
export const PERSISTENT_SUBSCRIPTIONS: ServiceDefinition = serviceOf("event_store.client.persistent_subscriptions.PersistentSubscriptions");
export const PROJECTIONS: ServiceDefinition = serviceOf("event_store.client.projections.Projections");
export const USERS: ServiceDefinition = serviceOf("event_store.client.users.Users");
export const GOSSIP: ServiceDefinition = serviceOf("event_store.client.gossip.Gossip");

function serviceOf(name: string): ServiceDefinition {
  const found = name.split(".").reduce<GrpcObject[string] | undefined>((at, part) => (at as GrpcObject | undefined)?.[part], packages);
  return (found as ServiceClientConstructor).service;
}
