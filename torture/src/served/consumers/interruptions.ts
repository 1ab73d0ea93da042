import type { Taking } from "./consumer-protocol.ts";
import { MESSAGE_TIMEOUT_MS } from "./fates.ts";

/** A time in which something happened for which an answer may be lost, or come too late. */
export interface Interruption {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether the answer may not have reached the store: it takes milliseconds, unless something is wrong at that time. */
export function isExplained({ atMs }: Taking, interruptions: readonly Interruption[]): boolean {
  return interruptions.some(({ fromMs, toMs }) => fromMs <= atMs + MESSAGE_TIMEOUT_MS && toMs >= atMs - MESSAGE_TIMEOUT_MS);
}
