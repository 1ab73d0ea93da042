import { credentials, type ServiceError } from "@grpc/grpc-js";
import status from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js";
import errors from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js";
import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js";
import type { NewEvent } from "@reactive-domain/persistence";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { serve as serveStore, type Served } from "./serve.ts";

type AppendRecord = InstanceType<typeof streams.AppendRecord>;
type AppendRequest = InstanceType<typeof streams.AppendRequest>;
type Client = InstanceType<typeof services.StreamsServiceClient>;

const { SchemaFormat } = streams;

interface RecordFacts {
  readonly id?: string;
  readonly name?: string;
  readonly format?: number;
  readonly data?: string;
  readonly schemaId?: string;
  readonly properties?: Readonly<Record<string, struct.JavaScriptValue>>;
}

async function serve(options: Parameters<typeof serveStore>[0] = {}): Promise<Pick<Served, "store"> & { readonly client: Client }> {
  const { store, server } = await serveStore(options);
  const client = new services.StreamsServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  onTestFinished(() => client.close());
  return { store, client };
}

function record({
  id,
  name = "AmountDeposited",
  format = SchemaFormat.SCHEMA_FORMAT_JSON,
  data = "{}",
  schemaId,
  properties = {},
}: RecordFacts = {}): AppendRecord {
  const schema = new streams.SchemaInfo();
  schema.setName(name);
  schema.setFormat(format);
  if (schemaId !== undefined) schema.setId(schemaId);
  const made = new streams.AppendRecord();
  if (id !== undefined) made.setRecordId(id);
  made.setSchema(schema);
  made.setData(Buffer.from(data).toString("base64"));
  for (const [key, value] of Object.entries(properties)) made.getPropertiesMap().set(key, struct.Value.fromJavaScript(value));
  return made;
}

function request(stream: string, records: readonly AppendRecord[], expected?: string): AppendRequest {
  const made = new streams.AppendRequest();
  made.setStream(stream);
  made.setRecordsList([...records]);
  if (expected !== undefined) made.setExpectedRevision(expected);
  return made;
}

/** What comes of a session: the revisions of its streams, or the error with the type and content of its details. */
function session(client: Client, requests: readonly AppendRequest[]): Promise<unknown> {
  return new Promise((resolve) => {
    const call = client.appendSession((error, response) =>
      resolve(error === null ? response?.toObject().outputList.map((one) => `${one.stream} at ${one.streamRevision}`) : refused(error)),
    );
    call.on("error", () => undefined);
    for (const one of requests) call.write(one);
    call.end();
  });
}

function refused({ code, metadata }: ServiceError): unknown {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (bytes === undefined || typeof bytes === "string") return { code };
  const details = status.Status.deserializeBinary(bytes).getDetails();
  const type = details?.getTypeName().split(".").at(-1) ?? "";
  const messages: Readonly<Record<string, { deserializeBinary(content: Uint8Array): { toObject(): object } }>> = {
    AppendRecordSizeExceededErrorDetails: errors.AppendRecordSizeExceededErrorDetails,
    AppendTransactionSizeExceededErrorDetails: errors.AppendTransactionSizeExceededErrorDetails,
    StreamAlreadyInAppendSessionErrorDetails: errors.StreamAlreadyInAppendSessionErrorDetails,
    StreamRevisionConflictErrorDetails: errors.StreamRevisionConflictErrorDetails,
    StreamTombstonedErrorDetails: errors.StreamTombstonedErrorDetails,
  };
  return { code, type, ...messages[type]?.deserializeBinary(details?.getValue_asU8() ?? new Uint8Array()).toObject() };
}

async function onlyEvent(store: Served["store"], stream: string): Promise<Omit<NewEvent, "id" | "schemaVersion">> {
  for await (const { type, contentType, data, metadata } of store.read({ stream })) return { type, contentType, data, metadata };
  throw new Error(`Stream ${stream} has no event.`);
}

describe("a record", () => {
  it("has properties of every kind, which are the metadata of the event, beside its schema", async () => {
    const { client, store } = await serve();
    const properties = { text: "x", number: 1.5, truth: false, nothing: null, list: [1, ["a"]], object: { deep: { er: true } } };
    expect(await session(client, [request("a", [record({ properties, schemaId: "7" })])])).toEqual(["a at 0"]);
    const { metadata } = await onlyEvent(store, "a");
    expect(JSON.parse(metadata)).toEqual({
      "$schema.format": "Json",
      "$schema.name": "AmountDeposited",
      "$schema.id": "7",
      ...properties,
    });
  });

  it("keeps what another store of ours says of it, and nothing else", async () => {
    const { client, store } = await serve();
    const properties = { own: "x", "rd-content-type": "image/png", "rd-schema-version": "3" };
    await session(client, [request("a", [record({ properties, format: SchemaFormat.SCHEMA_FORMAT_BYTES })])]);
    expect(await onlyEvent(store, "a")).toMatchObject({ contentType: "image/png", metadata: '{"own":"x"}' });
  });

  it("has data of any format that is named", async () => {
    const { client, store } = await serve();
    const formats = {
      SCHEMA_FORMAT_JSON: "application/json",
      SCHEMA_FORMAT_BYTES: "application/octet-stream",
      SCHEMA_FORMAT_AVRO: "application/avro",
      SCHEMA_FORMAT_PROTOBUF: "application/x-protobuf",
    } as const;
    const kept: string[] = [];
    for (const format of Object.keys(formats) as (keyof typeof formats)[]) {
      await session(client, [request(format, [record({ format: SchemaFormat[format] })])]);
      kept.push((await onlyEvent(store, format)).contentType);
    }
    expect(kept).toEqual(Object.values(formats));
  });

  it("needs a name, a format, and an id that is one, or none", async () => {
    const { client, store } = await serve();
    expect(await session(client, [request("a", [record({ name: "" })])])).toEqual({ code: 3 });
    expect(await session(client, [request("a", [record({ format: SchemaFormat.SCHEMA_FORMAT_UNSPECIFIED })])])).toEqual({ code: 3 });
    expect(await session(client, [request("a", [new streams.AppendRecord()])])).toEqual({ code: 3 });
    expect(await session(client, [request("a", [record({ id: "no id" })])])).toEqual({ code: 3 });
    expect((await store.streamInfo("a")).state).toBe("missing");
  });
});

describe("a session", () => {
  it("is refused while it is sent where it is large by the names of its streams", async () => {
    const { client } = await serve();
    const requests = Array.from({ length: 40 }, (_, index) => request(`${index}${"x".repeat(1_000_000)}`, [record()]));
    expect(await session(client, requests)).toMatchObject({
      code: 10,
      type: "AppendTransactionSizeExceededErrorDetails",
      maxSize: 1_048_576,
    });
  });

  it("writes all streams or none, and tells in details why none", async () => {
    const { client, store } = await serve({ maxAppendBytes: 200 });
    const id = "00000000-0000-4000-8000-000000000001";
    expect(await session(client, [request("a", [record(), record()]), request("b", [record({ id })], "-1")])).toEqual(["a at 1", "b at 0"]);
    const conflict = [request("c", [record()]), request("b", [record()], "5")];
    expect(await session(client, conflict)).toEqual({
      code: 9,
      type: "StreamRevisionConflictErrorDetails",
      stream: "b",
      expectedRevision: "5",
      actualRevision: "0",
    });
    expect(await session(client, [request("c", [record()]), request("c", [record()])])).toEqual({
      code: 10,
      type: "StreamAlreadyInAppendSessionErrorDetails",
      stream: "c",
    });
    expect(await session(client, [request("c", [record({ id, data: '"'.repeat(300) })])])).toMatchObject({
      code: 3,
      type: "AppendRecordSizeExceededErrorDetails",
      stream: "c",
      recordId: id,
      maxSize: 200,
    });
    const half = record({ data: JSON.stringify("x".repeat(80)) });
    expect(await session(client, [request("c", [half]), request("d", [half])])).toMatchObject({
      code: 10,
      type: "AppendTransactionSizeExceededErrorDetails",
      maxSize: 200,
    });
    expect((await store.streamInfo("c")).state).toBe("missing");
  });

  it("is nothing without appends, nor is an append without records, an expectation that is none, or a name", async () => {
    const { client } = await serve();
    expect(await session(client, [])).toEqual({ code: 9 });
    expect(await session(client, [request("a", [])])).toEqual({ code: 3 });
    expect(await session(client, [request("a", [record()], "-3")])).toEqual({ code: 3 });
    expect(await session(client, [request("", [record()])])).toEqual({ code: 3 });
    expect(await session(client, [request("$et-A", [record()])])).toEqual({ code: 7 });
  });

  it("says something about a stream beside its events", async () => {
    const { client, store } = await serve();
    const metadata = record({ name: "$metadata", data: '{"$maxCount":1,"own":true}' });
    expect(await session(client, [request("$$a", [metadata]), request("a", [record(), record()])])).toEqual(["$$a at 0", "a at 1"]);
    expect(await store.streamInfo("a")).toMatchObject({ firstVersion: 1, metadata: { maxCount: 1, custom: { own: true } } });
  });
});
