import { credentials, type ClientDuplexStream, type ServiceError } from "@grpc/grpc-js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_grpc_pb.js";
import persistent from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/persistentsubscriptions_pb.js";
import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import type { KurrentServer } from "@reactive-domain/kurrentdb-server";
import { onTestFinished } from "vitest";
import { textUuid, type Uuid } from "./raw-appends.ts";

export type PersistentClient = InstanceType<typeof services.PersistentSubscriptionsClient>;
export type ReadReq = InstanceType<typeof persistent.ReadReq>;
type ReadResp = InstanceType<typeof persistent.ReadResp>;
type Settings = InstanceType<typeof persistent.CreateReq.Settings>;

/** A client that is nothing but what KurrentDB's own clients generate from their definitions, over a connection of its own. */
export function persistentClient({ host, port }: Pick<KurrentServer, "host" | "port">): PersistentClient {
  const client = new services.PersistentSubscriptionsClient(`${host}:${port}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
  onTestFinished(() => client.close());
  return client;
}

function identifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(stream).toString("base64"));
  return name;
}

/** A request to make a subscription of group `readers` to stream `a` from its start, with other settings. */
export function createRequest(change: (settings: Settings) => void = () => undefined): InstanceType<typeof persistent.CreateReq> {
  const settings = new persistent.CreateReq.Settings();
  settings.setMaxRetryCount(10);
  settings.setMaxCheckpointCount(1000);
  settings.setLiveBufferSize(500);
  settings.setReadBatchSize(20);
  settings.setHistoryBufferSize(500);
  settings.setMessageTimeoutMs(30_000);
  change(settings);
  const options = new persistent.CreateReq.Options();
  options.setStreamIdentifier(identifier("a"));
  options.setGroupName("readers");
  options.setSettings(settings);
  const request = new persistent.CreateReq();
  request.setOptions(options);
  return request;
}

/** What a call is refused with; `null` where it is answered. */
export function create(client: PersistentClient, request = createRequest()): Promise<ServiceError | null> {
  return new Promise((resolve) => {
    client.create(request, (error) => resolve(error));
  });
}

/** The first message of a consumer of group `readers` to stream `a`. */
export function readOptions({ bufferSize = 10, structured = false, stream = "a" } = {}): ReadReq {
  const uuids = new persistent.ReadReq.Options.UUIDOption();
  if (structured) uuids.setStructured(new shared.Empty());
  else uuids.setString(new shared.Empty());
  const options = new persistent.ReadReq.Options();
  if (stream !== "") options.setStreamIdentifier(identifier(stream));
  options.setGroupName("readers");
  options.setBufferSize(bufferSize);
  options.setUuidOption(uuids);
  const request = new persistent.ReadReq();
  request.setOptions(options);
  return request;
}

export function ackOf(...ids: readonly (string | Uuid)[]): ReadReq {
  const ack = new persistent.ReadReq.Ack();
  ack.setIdsList(ids.map((id) => (typeof id === "string" ? textUuid(id) : id)));
  const request = new persistent.ReadReq();
  request.setAck(ack);
  return request;
}

/** A consumer's call: what it was told, and what it was ended with. */
export interface Read {
  readonly call: ClientDuplexStream<ReadReq, ReadResp>;
  readonly events: InstanceType<typeof persistent.ReadResp.ReadEvent>[];
  readonly ended: Promise<ServiceError | undefined>;
}

export function read(client: PersistentClient, ...requests: readonly ReadReq[]): Read {
  const call = client.read();
  const events: Read["events"] = [];
  call.on("data", (response: ReadResp) => {
    const event = response.getEvent();
    if (event !== undefined) events.push(event);
  });
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    call.on("error", (error: ServiceError) => resolve(error));
    call.on("end", () => resolve(undefined));
  });
  for (const request of requests) call.write(request);
  onTestFinished(() => call.cancel());
  return { call, events, ended };
}
