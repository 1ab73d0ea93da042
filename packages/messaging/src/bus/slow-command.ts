import type { Clock } from "@reactive-domain/core";
import { metadataOf } from "../message.ts";
import type { CommandContext } from "./message-context.ts";
import type { Notices } from "./notices.ts";

export interface SlowCommand {
  readonly type: string;
  readonly id: string;
  readonly ms: number;
}

/** Begins to measure; what it returns tells of the command, when that is done, if it took so long. `undefined` where nothing is too long. */
export function slowReport(
  { message: command, messageClass }: CommandContext,
  slowAfterMs: number,
  clock: Clock,
  slow: Notices<SlowCommand>,
): (() => void) | undefined {
  if (slowAfterMs === Number.POSITIVE_INFINITY) return undefined;
  const startMs = clock.monotonicMs();
  return () => {
    const ms = clock.monotonicMs() - startMs;
    if (ms >= slowAfterMs) slow.tell({ type: messageClass.type, id: metadataOf(command).id, ms });
  };
}
