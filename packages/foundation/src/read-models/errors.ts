import { ReactiveDomainError } from "@reactive-domain/core";

/** A read model cannot be captured now, or has to be left alone while it is. `details.reason` tells why. */
export class CaptureRefused extends ReactiveDomainError {
  static readonly code = "capture-refused";

  constructor(model: string, reason: string, options: { readonly retryable?: boolean; readonly cause?: unknown } = {}) {
    super(CaptureRefused.code, `No snapshot of ${model} can be captured: ${reason}`, { ...options, details: { model, reason } });
  }
}

/** A read model was busy for too long to be read between two events. `details` name what its handlers were at work on. */
export class ReadModelBusy extends ReactiveDomainError {
  static readonly code = "read-model-busy";

  constructor(model: string, busyWith: string, waitedMs: number) {
    const timeoutMs = Math.ceil(waitedMs);
    super(ReadModelBusy.code, `${model} was to be read within ${timeoutMs} ms, but was busy with ${busyWith} all the time.`, {
      retryable: true,
      details: { model, busyWith, timeoutMs },
    });
  }
}
