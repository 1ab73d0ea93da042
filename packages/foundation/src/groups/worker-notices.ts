import { warn } from "@reactive-domain/core";
import type { ConsumerStopped } from "./errors.ts";
import type { ConsumerOptions, ParkedNotice } from "./worker-options.ts";

/** What a consumer tells to whom. */
export interface WorkerNotices {
  readonly faulted: (error: ConsumerStopped) => void;
  readonly parked: (notice: ParkedNotice) => void;
  readonly interrupted: (error: Error) => void;
}

export function workerNotices({ onFault = failProcess, onParked, onInterruption }: ConsumerOptions): WorkerNotices {
  return {
    faulted: (error) => void tell(onFault, error, error),
    parked: (notice) => void (onParked && tell(onParked, notice, undefined)),
    interrupted: (error) => void (onInterruption && tell(onInterruption, error, error)),
  };
}

/** A process in which nobody listens must not look well, however it ends. */
function failProcess(error: Error): void {
  warn(error);
  process.exitCode ??= 1;
}

/** Whoever fails to take something must neither hide it nor end the process. */
async function tell<T>(listener: (told: T) => unknown, told: T, hidden: Error | undefined): Promise<void> {
  try {
    await listener(told);
  } catch (failure) {
    if (hidden !== undefined) warn(hidden);
    warn(failure);
  }
}
