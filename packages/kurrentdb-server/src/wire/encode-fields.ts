/** The parts of messages that are sent now and then; what is sent often has an encoding of its own. */
import { ByteWriter, varintBytes } from "./byte-writer.ts";

const MAX_NUMBER_BYTES = 20;
const writer = new ByteWriter();

/** A text in a field; nothing where it is empty. */
export function textField(number: number, text: string): Uint8Array {
  return bytesField(number, Buffer.from(text));
}

/** Bytes, or a message, in a field. A message is sent even where it is empty, bytes are not: they are the same as none. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? bytes : messageField(number, [bytes]);
}

/** A message in a field. */
export function messageField(number: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  writer.begin(MAX_NUMBER_BYTES);
  writer.varint(number * 8 + 2);
  writer.varint(length);
  return Buffer.concat([writer.end(), ...parts]);
}

/** An unsigned integer. */
export function numberField(number: number, value: number): Uint8Array {
  writer.begin(varintBytes(number * 8) + varintBytes(value));
  writer.varint(number * 8);
  writer.varint(value);
  return writer.end();
}

/** A signed integer, in the encoding that keeps those near zero short (`sint64`). */
export function signedField(number: number, value: number): Uint8Array {
  writer.begin(MAX_NUMBER_BYTES);
  writer.varint(number * 8);
  writer.int64(value < 0 ? BigInt(value) * -2n - 1n : BigInt(value) * 2n);
  return writer.end();
}
