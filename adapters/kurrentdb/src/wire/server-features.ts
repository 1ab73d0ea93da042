import { KurrentDBClient } from "@kurrent/kurrentdb-client";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js";

/** What a server says of itself. */
export interface ServerFeatures {
  readonly version: string;
  /** Whether several streams can be written in one transaction. */
  readonly hasSessions: boolean;
  /** Whether such a transaction can be held to streams that it does not write. */
  readonly hasChecks: boolean;
}

/** Asks a server what it is. Errors: the client's. */
export function featuresOf(client: KurrentDBClient): Promise<ServerFeatures> {
  return Access.features(client);
}

class Access extends KurrentDBClient {
  static async features(client: Access): Promise<ServerFeatures> {
    const capabilities = await client.capabilities;
    const { appendSession, appendRecords } = streams.StreamsServiceService;
    return {
      version: capabilities.serverVersion,
      hasSessions: capabilities.supports(appendSession),
      hasChecks: capabilities.supports(appendRecords),
    };
  }
}
