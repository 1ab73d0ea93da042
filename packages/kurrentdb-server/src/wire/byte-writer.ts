/** Writes the parts of messages, one behind the other, into memory that it takes piece by piece. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(0);
  #start = 0;
  #at = 0;

  /** Makes room for a message of at most so many bytes. */
  begin(maxBytes: number): void {
    if (this.#bytes.length - this.#at < maxBytes) {
      this.#bytes = Buffer.allocUnsafe(Math.max(maxBytes, PIECE_BYTES));
      this.#at = 0;
    }
    this.#start = this.#at;
  }

  /** The message that was begun last. */
  end(): Buffer {
    return this.#bytes.subarray(this.#start, this.#at);
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  /** A signed 64-bit integer of any value, in ten bytes at most. */
  int64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  latin1(text: string): void {
    this.#at += this.#bytes.write(text, this.#at, "latin1");
  }

  utf8(text: string): void {
    this.#at += this.#bytes.write(text, this.#at, "utf8");
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }
}

const PIECE_BYTES = 64 * 1024;

/** How many bytes a number takes as a varint. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
