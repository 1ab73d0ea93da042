import { textOfBytes } from "./text-of-bytes.ts";

const MAX_VARINT_BYTES = 10;

/** Reads the fields of a message one behind the other. Errors: of bytes that are no message. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** The next field, as its number with its wire type, `number << 3 | type`; 0 behind the last one. */
  field(): number {
    if (this.#at >= this.#end) return 0;
    const field = this.varint();
    // No field has the number 0: it would be taken for the end.
    if (field < 8) throw malformed();
    return field;
  }

  /** A number; one beyond 2^53 - 1 is not exact. */
  varint(): number {
    let byte = this.#byte();
    let value = byte & 0x7f;
    for (let scale = 0x80, read = 1; byte >= 0x80; scale *= 0x80, read++) {
      if (read === MAX_VARINT_BYTES) throw malformed();
      byte = this.#byte();
      value += (byte & 0x7f) * scale;
    }
    return value;
  }

  /** A signed 64-bit integer. */
  int64(): bigint {
    let value = 0n;
    let byte = 0x80;
    for (let shift = 0n; byte >= 0x80; shift += 7n) {
      if (shift === 70n) throw malformed();
      byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
    }
    return BigInt.asIntN(64, value);
  }

  bytes(): Buffer {
    const start = this.#part();
    return this.#bytes.subarray(start, this.#at);
  }

  /** Text, as {@link textOfBytes} makes it. */
  text(): string {
    const start = this.#part();
    return textOfBytes(this.#bytes.subarray(start, this.#at));
  }

  /** The fields of a message within this one. */
  message(): ByteReader {
    const start = this.#part();
    return new ByteReader(this.#bytes, start, this.#at);
  }

  /** Passes over what stands in a field that is of no interest. */
  skip(field: number): void {
    const type = field & 7;
    if (type === 0) this.varint();
    else if (type === 1) this.#pass(8);
    else if (type === 2) this.#part();
    else if (type === 5) this.#pass(4);
    else throw malformed();
  }

  #byte(): number {
    if (this.#at >= this.#end) throw malformed();
    return this.#bytes[this.#at++] as number;
  }

  /** Passes over a part with its length, and tells where it begins. */
  #part(): number {
    const length = this.varint();
    const start = this.#at;
    this.#pass(length);
    return start;
  }

  #pass(length: number): void {
    if (length > this.#end - this.#at) throw malformed();
    this.#at += length;
  }
}

function malformed(): Error {
  return new Error("These bytes are no protobuf message: they end too early, or a number in them is too long, or no number of a field.");
}
