import streams from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js";
import type { EventStore } from "@reactive-domain/persistence";
import { once } from "node:events";
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect as connectTo, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { appendEvent, appendOptions, piece, plainAppend } from "./raw-appends.ts";
import { serve } from "./serve.ts";

/** What a client sends before it goes. */
interface Broken {
  readonly path: string;
  readonly requests: readonly { serializeBinary(): Uint8Array }[];
}

type BreakOff = (call: ClientHttp2Stream, session: ClientHttp2Session, socket: Socket) => void;

const V1 = "/event_store.client.streams.Streams";
const V2 = "/kurrentdb.protocol.v2.streams.StreamsService";

const BROKEN: Readonly<Record<string, Broken>> = {
  "a plain append": { path: `${V1}/Append`, requests: [appendOptions("a"), appendEvent(), appendEvent()] },
  "an append in pieces": { path: `${V1}/BatchAppend`, requests: [piece({ stream: "a", isFinal: false })] },
  "a session": { path: `${V2}/AppendSession`, requests: [sessionAppend("a")] },
};

/** A client of Node says that a call has ended before it cancels it. Others do not, and so frames are written by hand. */
const WAYS: Readonly<Record<string, BreakOff>> = {
  "is cancelled": (call, _session, socket) => socket.write(resetFrame(call.id ?? 0, constants.NGHTTP2_CANCEL)),
  "is reset without an error": (call, _session, socket) => socket.write(resetFrame(call.id ?? 0, constants.NGHTTP2_NO_ERROR)),
  "is cancelled by a client of Node": (call) => call.close(constants.NGHTTP2_CANCEL),
  "loses its connection": (_call, _session, socket) => socket.destroy(),
};

function resetFrame(id: number, code: number): Buffer {
  const frame = Buffer.alloc(13);
  frame.writeUIntBE(4, 0, 3);
  frame.writeUInt8(3, 3);
  frame.writeUInt32BE(id, 5);
  frame.writeUInt32BE(code, 9);
  return frame;
}

function sessionAppend(stream: string): InstanceType<typeof streams.AppendRequest> {
  const schema = new streams.SchemaInfo();
  schema.setName("AmountDeposited");
  schema.setFormat(streams.SchemaFormat.SCHEMA_FORMAT_JSON);
  const record = new streams.AppendRecord();
  record.setSchema(schema);
  record.setData(Buffer.from("{}").toString("base64"));
  const request = new streams.AppendRequest();
  request.setStream(stream);
  request.setRecordsList([record]);
  return request;
}

function framed(request: { serializeBinary(): Uint8Array }): Buffer {
  const bytes = request.serializeBinary();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function open(port: number): { readonly session: ClientHttp2Session; readonly socket: Socket } {
  const socket = connectTo(port, "127.0.0.1");
  const session = connect(`http://127.0.0.1:${port}`, { createConnection: () => socket });
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return { session, socket };
}

function begin(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const call = session.request({ ":method": "POST", ":path": path, te: "trailers", "content-type": "application/grpc" });
  call.on("error", () => undefined);
  return call;
}

/** Resolves when the server has taken everything that was sent over a connection before. */
async function settled(session: ClientHttp2Session): Promise<void> {
  const call = begin(session, `${V1}/Append`);
  call.end(Buffer.concat([appendOptions("settled"), appendEvent()].map(framed)));
  call.resume();
  await once(call, "close");
}

/** The same, unless the connection has gone. */
async function settledOrGone(session: ClientHttp2Session): Promise<void> {
  if (session.destroyed || session.closed) return;
  await Promise.race([settled(session), once(session, "close")]);
}

async function versionsOf(store: EventStore, ...names: readonly string[]): Promise<readonly (number | null)[]> {
  const infos = await Promise.all(names.map((name) => store.streamInfo(name)));
  return infos.map(({ lastVersion }) => lastVersion);
}

describe.each(Object.entries(BROKEN))("of %s that", (_what, { path, requests }) => {
  it.each(Object.entries(WAYS))("%s before its client ends it, nothing is written", async (_way, breakOff) => {
    const { server, store, client } = await serve();
    const { session, socket } = open(server.port);
    const call = begin(session, path);
    for (const request of requests) call.write(framed(request));
    await settled(session);
    breakOff(call, session, socket);
    await settledOrGone(session);
    expect(await plainAppend(client, [appendOptions("other"), appendEvent()])).toBe("at 0");
    await server.close();
    expect(await versionsOf(store, "a", "settled")).toEqual([null, expect.any(Number)]);
  });
});

describe("an append", () => {
  it.each([
    ["ends within a message", framed(appendEvent()).subarray(0, 20)],
    ["has a field without a number", framed({ serializeBinary: () => Buffer.concat([Buffer.alloc(1), appendEvent().serializeBinary()]) })],
  ])("that %s is not written", async (_what, bytes) => {
    const { server, store } = await serve();
    const { session } = open(server.port);
    const call = begin(session, `${V1}/Append`);
    const answered = once(call, "response");
    call.end(Buffer.concat([framed(appendOptions("a")), framed(appendEvent()), bytes]));
    expect(await answered).toMatchObject([{ "grpc-status": "13" }, expect.anything(), expect.anything()]);
    expect(await versionsOf(store, "a")).toEqual([null]);
  });

  it("is written when its client ends it, and leaves only then", async () => {
    const { server, store } = await serve();
    const { session } = open(server.port);
    const call = begin(session, `${V1}/Append`);
    call.end(Buffer.concat([appendOptions("a"), appendEvent(), appendEvent()].map(framed)));
    call.resume();
    await once(call, "end");
    expect(await versionsOf(store, "a")).toEqual([1]);
  });
});
