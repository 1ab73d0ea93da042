import type { ServerDuplexStream } from "@grpc/grpc-js";
import { onAbort } from "@reactive-domain/core";
import { principalOf, type Principal } from "../access/principal.ts";
import { Batch } from "../batched-messages.ts";
import type { ServerContext } from "../server-context.ts";
import type { BatchPiece } from "../wire/decode-append.ts";
import { encodeBatchError, encodeBatchSuccess, type AnsweredAppend } from "../wire/encode-batch-answer.ts";
import { expectedVersionOf } from "../wire/places.ts";
import { proposedEvent } from "../wire/proposed-event.ts";
import { deadlinePassed, invalidArgument, type Refusal } from "../wire/refusal.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { statusOf } from "../wire/status-of.ts";
import { appendEvents } from "./append-events.ts";
import { OpenBatches, type WholeBatch } from "./open-batches.ts";
import { stoppingRefusal } from "./stopping-refusal.ts";

const MIB = 1024 * 1024;
/** How much of one call is at work or waits to be answered; while it is that much, nothing more is read. */
const MAX_UNANSWERED = 1_024;
const MAX_UNANSWERED_BYTES = 8 * MIB;

/** One call with appends of many callers. They are written as they come, and answered as they are done. */
export class BatchCall {
  readonly #context: ServerContext;
  readonly #call: ServerDuplexStream<BatchPiece, unknown>;
  readonly #principal: Principal;
  readonly #open: OpenBatches;
  readonly #stopListening: () => void;
  /** Answers that are to be sent, and how large the pieces were that they are for. */
  #answers: Buffer[] = [];
  #answeredBytes = 0;
  #unanswered = 0;
  #unansweredBytes = 0;
  #isFlushing = false;
  #isPaused = false;
  /** Why nothing more is taken: the client has said all, the server stops, or one of them has gone. */
  #ending: "finished" | "stopping" | "over" | undefined;

  constructor(context: ServerContext, call: ServerDuplexStream<BatchPiece, unknown>) {
    this.#context = context;
    this.#call = call;
    this.#principal = principalOf(call);
    this.#open = new OpenBatches(context.limits.maxAppendBytes);
    this.#stopListening = onAbort(context.stopping, () => this.#stop());
    if (context.stopping.aborted) this.#stop();
  }

  take(piece: BatchPiece): void {
    if (this.#ending !== undefined) return;
    try {
      const taken = this.#open.take(piece, this.#context.runtime.clock.now());
      if (taken === undefined) return;
      if ("whole" in taken) void this.#write(taken.whole);
      else this.#refuse(taken.append, taken.refusal);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The client has said all that it wants to say. */
  finish(): void {
    if (this.#ending !== undefined) return;
    for (const append of this.#open.clear()) this.#refuse(append, invalidArgument("The call ended before the append was finished."));
    this.#ending = "finished";
    this.#endWhenAnswered();
  }

  /** The client has gone: nobody hears what is still done for it. */
  leave(): void {
    this.#close();
    this.#open.clear();
    this.#answers = [];
  }

  async #write({ append, messages, deadlineMs, bytes }: WholeBatch): Promise<void> {
    this.#begin(bytes);
    let answer: Buffer;
    try {
      if (this.#context.runtime.clock.now() >= deadlineMs) throw deadlinePassed();
      const { stream, expectation } = append;
      const events = messages.map(proposedEvent);
      answer = encodeBatchSuccess(
        append,
        await appendEvents(this.#context, { stream, expectedVersion: expectedVersionOf(expectation), events }, this.#principal),
      );
    } catch (error) {
      answer = encodeBatchError(append, statusOf(error, append.stream));
    }
    this.#answer(answer, bytes);
  }

  #refuse(append: AnsweredAppend, refusal: Refusal): void {
    this.#begin(0);
    this.#answer(encodeBatchError(append, statusOf(refusal, append.stream)), 0);
  }

  #begin(bytes: number): void {
    this.#unanswered++;
    this.#unansweredBytes += bytes;
    this.#regulate();
  }

  /** Answers of one turn go together. */
  #answer(answer: Buffer, bytes: number): void {
    if (this.#ending === "over") return;
    this.#answers.push(answer);
    this.#answeredBytes += bytes;
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#context.runtime.scheduler.soon(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushing = false;
    const answers = this.#answers;
    const bytes = this.#answeredBytes;
    if (answers.length === 0) return;
    this.#answers = [];
    this.#answeredBytes = 0;
    // A client that does not read lets nothing more be sent: until then they count.
    this.#call.write(new Batch(answers), () => this.#sent(answers.length, bytes));
  }

  #sent(count: number, bytes: number): void {
    this.#unanswered -= count;
    this.#unansweredBytes -= bytes;
    this.#regulate();
    this.#endWhenAnswered();
  }

  #regulate(): void {
    const isFull = this.#unanswered >= MAX_UNANSWERED || this.#unansweredBytes >= MAX_UNANSWERED_BYTES;
    if (isFull === this.#isPaused || this.#ending === "over") return;
    this.#isPaused = isFull;
    if (isFull) this.#call.pause();
    else this.#call.resume();
  }

  #stop(): void {
    if (this.#ending !== undefined) return;
    this.#ending = "stopping";
    this.#open.clear();
    this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.#unanswered > 0) return;
    if (this.#ending === "finished") {
      this.#close();
      this.#call.end();
    } else if (this.#ending === "stopping") this.#fail(stoppingRefusal());
  }

  #fail(error: unknown): void {
    this.leave();
    this.#call.emit("error", refusalOf(error));
  }

  #close(): void {
    this.#ending = "over";
    this.#stopListening();
  }
}
