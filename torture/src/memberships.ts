import type { GroupOptions } from "@reactive-domain/foundation";
import { hashOf } from "./random.ts";
import type { Category } from "./workload.ts";

/** A consumer group of the context, and what becomes of its events. */
export interface Membership {
  readonly source: Category;
  /** The events that its handlers write with their acknowledgements. */
  readonly effect: Category;
  readonly options: Omit<GroupOptions, "of">;
  readonly acknowledge: "each" | { readonly upTo: number };
}

const PATIENCE = { maxAttempts: 6, retryDelayMs: 5, maxRetryDelayMs: 20 };

export const MEMBERSHIPS: Readonly<Record<"mailers" | "printers", Membership>> = {
  mailers: { source: "order", effect: "mailed", options: { orderBy: "stream", ...PATIENCE }, acknowledge: "each" },
  printers: { source: "transfer", effect: "printed", options: { orderBy: "none", ...PATIENCE }, acknowledge: { upTo: 10 } },
};

const EFFECT_STREAMS = 4;

/** Where an effect goes: those of one stream to one stream. */
export function effectStream(effect: Category, source: string): string {
  return `${effect}-${hashOf(source) % EFFECT_STREAMS}`;
}

/** Whether handling an event leads to nothing in the log: it is acknowledged with others then. */
export function isQuiet(by: string, eventId: string): boolean {
  return by === "printers" && hashOf(`quiet ${eventId}`) % 100 < 40;
}
