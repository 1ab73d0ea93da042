/** A message of PostgreSQL's protocol, as it is sent. */
export interface ProtocolMessage {
  /**
   * The letter of its type, such as `Q` or `Z`. The messages that have no letter are `startup`, `cancel` (which asks the server to
   * cancel a query) and `encryption` (which asks for TLS or GSSAPI).
   */
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;
const CODE_BYTES = 4;
const CODES: Readonly<Record<number, string>> = { 80877102: "cancel", 80877103: "encryption", 80877104: "encryption" };

/** Splits what one side of a connection sends into messages. */
export class MessageSplitter {
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #needed: number;
  #hasLetters: boolean;

  /** What a client sends first has no letters. */
  constructor(side: "client" | "server") {
    this.#hasLetters = side === "server";
    this.#needed = this.#headLength();
  }

  /** Takes the next bytes. Returns the messages that they complete. */
  push(chunk: Buffer): readonly ProtocolMessage[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: ProtocolMessage[] = [];
    for (let message = this.#take(); message !== undefined; message = this.#take()) messages.push(message);
    return messages;
  }

  #take(): ProtocolMessage | undefined {
    if (this.#length < this.#needed) return undefined;
    const all = this.#joined();
    const size = this.#sizeOf(all);
    this.#needed = size;
    if (all.length < size) return undefined;
    const bytes = all.subarray(0, size);
    this.#chunks[0] = all.subarray(size);
    this.#length -= size;
    const type = this.#typeOf(bytes);
    if (type !== "encryption") this.#hasLetters = true;
    this.#needed = this.#headLength();
    return { type, bytes };
  }

  #joined(): Buffer {
    const [first, ...more] = this.#chunks;
    const all = first !== undefined && more.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#chunks.splice(0, this.#chunks.length, all);
    return all;
  }

  #headLength(): number {
    return this.#hasLetters ? TYPE_BYTES + LENGTH_BYTES : LENGTH_BYTES + CODE_BYTES;
  }

  #sizeOf(head: Buffer): number {
    const size = this.#hasLetters ? TYPE_BYTES + head.readUInt32BE(TYPE_BYTES) : head.readUInt32BE(0);
    if (size < this.#headLength()) throw new Error(`A message of PostgreSQL's protocol cannot have ${size} bytes.`);
    return size;
  }

  #typeOf(bytes: Buffer): string {
    if (this.#hasLetters) return String.fromCharCode(bytes[0] ?? 0);
    return CODES[bytes.readUInt32BE(LENGTH_BYTES)] ?? "startup";
  }
}
