import { ReactiveDomainError } from "@reactive-domain/core";

/** A worker, or the store that knows how far it is, did not answer a health in time. */
export class NotAnswered extends ReactiveDomainError {
  static readonly code = "not-answered";

  constructor(timeoutMs: number) {
    super(NotAnswered.code, `There was no answer within ${timeoutMs} ms.`, { retryable: true, details: { timeoutMs } });
  }
}
