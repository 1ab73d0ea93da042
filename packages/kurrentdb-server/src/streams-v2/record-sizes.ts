import { status } from "@grpc/grpc-js";
import type { NewEvent } from "@reactive-domain/persistence";
import { numberField, textField } from "../wire/encode-fields.ts";
import { mostHeldBytes } from "../wire/received-bytes.ts";
import { detailedRefusal } from "./refusal-v2.ts";

/** Counts the bytes of the records of one call. Errors: when one of them, or all together, are too many. */
export class RecordSizes {
  readonly #maxBytes: number;
  #bytes = 0;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(stream: string, { id, data, metadata }: NewEvent): void {
    const size = Buffer.byteLength(data) + Buffer.byteLength(metadata);
    if (size > this.#maxBytes) throw this.#recordTooLarge(stream, id, size);
    this.#bytes += size;
    if (this.#bytes > this.#maxBytes) throw this.#tooLargeTogether(this.#bytes);
  }

  /** Counts what is held of messages, with the names in them. */
  addHeld(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > mostHeldBytes(this.#maxBytes)) throw this.#tooLargeTogether(this.#heldBytes);
  }

  #recordTooLarge(stream: string, id: string, size: number): Error {
    return detailedRefusal({
      code: status.INVALID_ARGUMENT,
      message: `Record ${id} for stream ${stream} has ${size} bytes, but may have ${this.#maxBytes}.`,
      type: "AppendRecordSizeExceededErrorDetails",
      fields: [textField(1, stream), textField(2, id), numberField(3, size), numberField(4, this.#maxBytes)],
    });
  }

  #tooLargeTogether(bytes: number): Error {
    return detailedRefusal({
      code: status.ABORTED,
      message: `The records have more than ${this.#maxBytes} bytes together. Write fewer at once.`,
      type: "AppendTransactionSizeExceededErrorDetails",
      fields: [numberField(1, bytes), numberField(2, this.#maxBytes)],
    });
  }
}
