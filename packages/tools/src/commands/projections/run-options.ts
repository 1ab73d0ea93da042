import type { FailureOptions, RunOptions } from "@reactive-domain/foundation";
import { printable } from "../../printable.ts";
import type { Progress } from "../../progress.ts";
import { FailureLines, shortText } from "./failure-lines.ts";

/** How events are handled. */
export interface HandlingOptions {
  readonly lanes?: number;
  /** How often an event is tried. */
  readonly attempts?: number;
  /** What becomes of one that fails as often. */
  readonly finally?: "park" | "stop";
}

/** The same for projections, which tell of failures and interruptions. */
export function runOptionsOf({ lanes, attempts, finally: end }: HandlingOptions, progress: Progress): RunOptions {
  const lines = new FailureLines((line) => progress.tell(line));
  const failures: FailureOptions = { ...(attempts === undefined ? {} : { attempts }), ...(end === undefined ? {} : { finally: end }) };
  return {
    failures,
    onFailure: (failure) => lines.failed(failure),
    onInterruption: (error) => progress.tell(printable(`Interrupted, and goes on by itself: ${shortText(error)}`)),
    ...(lanes === undefined ? {} : { lanes }),
  };
}
