import { status } from "@grpc/grpc-js";
import type { AppendOptions, BatchPiece } from "../wire/decode-append.ts";
import type { AnsweredAppend } from "../wire/encode-batch-answer.ts";
import { proposedBytes, type ProposedMessage } from "../wire/proposed-event.ts";
import { appendTooLarge, invalidArgument, Refusal } from "../wire/refusal.ts";

/** An append of which all pieces are there. */
export interface WholeBatch {
  readonly append: AnsweredAppend;
  /** Until when it must have begun, in milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly messages: readonly ProposedMessage[];
  readonly bytes: number;
}

/** What came of a piece: the append is whole, or refused. Nothing yet where more is to come, or where it was refused before. */
export type Taken = { readonly whole: WholeBatch } | { readonly append: AnsweredAppend; readonly refusal: Refusal } | undefined;

interface OpenBatch {
  readonly append: AnsweredAppend;
  readonly deadlineMs: number;
  readonly messages: ProposedMessage[];
  /** Of its events. */
  payloadBytes: number;
  /** Of its pieces. */
  bytes: number;
  isRefused: boolean;
}

const MIB = 1024 * 1024;
const MAX_OPEN_BYTES = 16 * MIB;
const MAX_OPEN = 10_000;

/** The appends of a call that have begun to come, by their ids. */
export class OpenBatches {
  readonly #open = new Map<string, OpenBatch>();
  readonly #maxAppendBytes: number;
  #bytes = 0;

  constructor(maxAppendBytes: number) {
    this.#maxAppendBytes = maxAppendBytes;
  }

  /** Takes a piece. Errors: where a client begins more than it can ever finish. */
  take(piece: BatchPiece, nowMs: number): Taken {
    const key = piece.correlationId?.toString("latin1") ?? "";
    const known = this.#open.get(key);
    const batch = known ?? begun(piece, nowMs);
    const refusal = batch.isRefused ? undefined : this.#refusalOf(piece, batch, known !== undefined);
    this.#add(batch, piece);
    if (refusal !== undefined) this.#refuse(batch);
    if (piece.isFinal) this.#remove(key, batch);
    else this.#keep(key, batch);
    if (refusal !== undefined) return { append: batch.append, refusal };
    return piece.isFinal && !batch.isRefused ? { whole: batch } : undefined;
  }

  /** Those that are not whole and were not refused; they are forgotten. */
  clear(): readonly AnsweredAppend[] {
    const left = [...this.#open.values()].filter(({ isRefused }) => !isRefused).map(({ append }) => append);
    this.#open.clear();
    this.#bytes = 0;
    return left;
  }

  #refusalOf(piece: BatchPiece, { payloadBytes }: OpenBatch, isKnown: boolean): Refusal | undefined {
    if (piece.correlationId === undefined || piece.correlationId.length === 0)
      return invalidArgument("The piece has no correlation id. Give every append one of its own.");
    if (!isKnown && piece.options === undefined)
      return invalidArgument("No append of this correlation id has begun. Send its options with its first piece.");
    if (isKnown && piece.options !== undefined)
      return invalidArgument("An append of this correlation id has begun before. Give every append one of its own.");
    const added = piece.messages.reduce((sum, message) => sum + proposedBytes(message), 0);
    if (payloadBytes + added > this.#maxAppendBytes) return appendTooLarge(this.#maxAppendBytes);
    if (!piece.isFinal && this.#bytes + piece.bytes > MAX_OPEN_BYTES)
      return new Refusal(
        status.RESOURCE_EXHAUSTED,
        `Appends that are not finished have more than ${MAX_OPEN_BYTES} bytes. Finish some first.`,
      );
    return undefined;
  }

  #add(batch: OpenBatch, { messages, bytes }: BatchPiece): void {
    if (batch.isRefused) return;
    for (const message of messages) {
      batch.messages.push(message);
      batch.payloadBytes += proposedBytes(message);
    }
    batch.bytes += bytes;
    this.#bytes += bytes;
  }

  /** What else comes of it is dropped without another answer, so that no caller hears two. */
  #refuse(batch: OpenBatch): void {
    batch.isRefused = true;
    batch.messages.length = 0;
    this.#bytes -= batch.bytes;
    batch.bytes = 0;
  }

  #remove(key: string, batch: OpenBatch): void {
    this.#open.delete(key);
    this.#bytes -= batch.bytes;
  }

  #keep(key: string, batch: OpenBatch): void {
    // Without an id there is nothing that could be gone on with.
    if (key === "") return;
    this.#open.set(key, batch);
    if (this.#open.size > MAX_OPEN)
      throw new Refusal(status.RESOURCE_EXHAUSTED, `More than ${MAX_OPEN} appends of this call have begun and are not finished.`);
  }
}

function begun({ correlationId, options }: BatchPiece, nowMs: number): OpenBatch {
  const { stream, expectation } = options ?? { stream: "", expectation: {} };
  return {
    append: { correlationId, stream, expectation },
    deadlineMs: deadlineOf(options, nowMs),
    messages: [],
    payloadBytes: 0,
    bytes: 0,
    isRefused: false,
  };
}

function deadlineOf(options: AppendOptions | undefined, nowMs: number): number {
  if (options?.deadline === undefined) return Infinity;
  const { kind, ms } = options.deadline;
  return kind === "at" ? ms : nowMs + ms;
}
