import { status } from "@grpc/grpc-js";
import type { NewEvent } from "@reactive-domain/persistence";
import { numberField, textField } from "../wire/encode-fields.ts";
import { detailedRefusal } from "./refusal-v2.ts";

/** Counts the bytes of the records of one call. Errors: when one of them, or all together, are too many. */
export class RecordSizes {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(stream: string, { id, data, metadata }: NewEvent): void {
    const size = Buffer.byteLength(data) + Buffer.byteLength(metadata);
    if (size > this.#maxBytes) throw this.#recordTooLarge(stream, id, size);
    this.#bytes += size;
    if (this.#bytes > this.#maxBytes) throw this.#tooLargeTogether();
  }

  #recordTooLarge(stream: string, id: string, size: number): Error {
    return detailedRefusal({
      code: status.INVALID_ARGUMENT,
      message: `Record ${id} for stream ${stream} has ${size} bytes, but may have ${this.#maxBytes}.`,
      type: "AppendRecordSizeExceededErrorDetails",
      fields: [textField(1, stream), textField(2, id), numberField(3, size), numberField(4, this.#maxBytes)],
    });
  }

  #tooLargeTogether(): Error {
    return detailedRefusal({
      code: status.ABORTED,
      message: `The records have more than ${this.#maxBytes} bytes together. Write fewer at once.`,
      type: "AppendTransactionSizeExceededErrorDetails",
      fields: [numberField(1, this.#bytes), numberField(2, this.#maxBytes)],
    });
  }
}
