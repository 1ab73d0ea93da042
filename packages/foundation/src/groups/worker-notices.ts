import { failProcess, tell } from "../listeners/tell.ts";
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
    faulted: (error) => void tell(onFault, error),
    parked: (notice) => void (onParked && tell(onParked, notice)),
    interrupted: (error) => void (onInterruption && tell(onInterruption, error)),
  };
}
