// What the client of KurrentDB does at most: a server that answers with bytes made beforehand, in large pieces, over bare HTTP/2. It reads of what is sent only what an answer has to repeat.
// `node kurrentdb-bare-server.mjs EVENTS DATA METADATA` writes its port as a line, and ends when its input does.
import { createServer } from "node:http2";

const [, , count = "0", data = "{}", metadata = "{}"] = process.argv;
const MESSAGES_A_PIECE = 250;
const HEADERS = { ":status": 200, "content-type": "application/grpc+proto" };
const STREAMS = "event_store.client.streams.Streams";
const METHODS = ["read", "batchappend"];

/** @param {number} value */
function varint(value) {
  const digits = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...digits, rest]);
    digits.push((rest % 128) | 128);
  }
}

/**
 * A field of bytes or text.
 * @param {number} field
 * @param {...(Buffer | string)} content
 */
function bytes(field, ...content) {
  const all = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(all.length), all]);
}

/**
 * A field of a number.
 * @param {number} field
 * @param {number} value
 */
const number = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);

/** @param {Buffer} message */
function framed(message) {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);
  return frame;
}

/** @param {number} at */
function eventAt(at) {
  const properties = [
    ["type", "AmountDeposited"],
    ["content-type", "application/json"],
    ["created", "17000000000000000"],
  ].map(([key = "", value = ""]) => bytes(6, bytes(1, key), bytes(2, value)));
  const id = bytes(1, bytes(2, `0199b2a4-0000-7000-8000-${String(at).padStart(12, "0")}`));
  const places = [number(3, at), number(4, at), number(5, at)];
  const event = bytes(1, id, bytes(2, bytes(3, "account-000001")), ...places, ...properties, bytes(7, metadata), bytes(8, data));
  return framed(bytes(1, event, number(3, at)));
}

/** The events in pieces, as they are sent. */
const pieces = [];
for (let first = 0; first < Number(count); first += MESSAGES_A_PIECE)
  pieces.push(
    Buffer.concat(Array.from({ length: Math.min(MESSAGES_A_PIECE, Number(count) - first) }, (_, index) => eventAt(first + index))),
  );

const features = framed(Buffer.concat([...METHODS.map((name) => bytes(1, bytes(1, name), bytes(2, STREAMS))), bytes(2, "25.1.0")]));
const confirmation = framed(bytes(2, bytes(1, "0199b2a4-0000-7000-8000-000000000001")));
/** What follows the correlation id: revision 0 at position 0, which are defaults and still there. */
const success = bytes(3, number(1, 0), bytes(3, number(1, 0), number(2, 0)));

const server = createServer();
server.on("stream", (stream, headers) => {
  stream.on("error", () => undefined);
  const path = String(headers[":path"]);
  const method = path.split("/").at(-1)?.toLowerCase();
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  if (method === "batchappend") answerAppends(stream);
  else if (path.includes(".PersistentSubscriptions/")) answerSubscription(stream, method);
  else if (method === "read") answerRead(stream);
  else stream.resume().end(features);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
});
process.stdin.resume().on("end", () => process.exit());

/** Events as fast as they are taken. A client that follows is told first that it does, and its call is left open: field 5 of the options says so. @param {import("node:http2").ServerHttp2Stream} stream */
function answerRead(stream) {
  const request = /** @type {Buffer[]} */ ([]);
  stream.on("data", (piece) => request.push(piece));
  stream.on("end", () => {
    const follows = hasField(Buffer.concat(request).subarray(5), 1, 6);
    if (follows) stream.write(confirmation);
    send(stream, 0, !follows);
  });
}

/** Consumers get everything, each of them, however much they acknowledge; whoever makes a subscription has one. @param {import("node:http2").ServerHttp2Stream} stream @param {string | undefined} method */
function answerSubscription(stream, method) {
  stream.resume();
  if (method === "read") {
    stream.write(confirmation);
    send(stream, 0, false);
  } else stream.end(framed(Buffer.alloc(0)));
}

/**
 * @param {import("node:http2").ServerHttp2Stream} stream
 * @param {number} next
 * @param {boolean} ends
 */
function send(stream, next, ends) {
  for (let index = next; index < pieces.length; index++) {
    if (stream.destroyed) return;
    if (!stream.write(pieces[index])) {
      stream.once("drain", () => send(stream, index + 1, ends));
      return;
    }
  }
  if (ends) stream.end();
}

/** Every append is done at once. @param {import("node:http2").ServerHttp2Stream} stream */
function answerAppends(stream) {
  let rest = Buffer.alloc(0);
  stream.on("data", (piece) => {
    rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const answers = [];
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      answers.push(framed(Buffer.concat([correlationId(rest.subarray(5, end)), success])));
      rest = rest.subarray(end);
    }
    if (answers.length > 0) stream.write(Buffer.concat(answers));
  });
  stream.on("end", () => stream.end());
}

/** It comes first, in less than 128 bytes. @param {Buffer} message */
const correlationId = (message) => message.subarray(0, 2 + (message[1] ?? 0));

/**
 * Whether a message within a message has a field of bytes.
 * @param {Buffer} message
 * @param {number} outer
 * @param {number} inner
 */
function hasField(message, outer, inner) {
  const within = fieldOf(message, outer);
  return within !== undefined && fieldOf(within, inner) !== undefined;
}

/**
 * A field of bytes, among fields whose numbers and lengths are below 128.
 * @param {Buffer} message
 * @param {number} field
 */
function fieldOf(message, field) {
  for (let at = 0; at < message.length;) {
    const tag = message[at] ?? 0;
    if (tag % 8 === 2) {
      const end = at + 2 + (message[at + 1] ?? 0);
      if (tag >> 3 === field) return message.subarray(at + 2, end);
      at = end;
    } else {
      at += 1;
      while ((message[at] ?? 0) > 127) at++;
      at += 1;
    }
  }
  return undefined;
}
