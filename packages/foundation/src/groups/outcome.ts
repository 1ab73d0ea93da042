import { textOf } from "@reactive-domain/core";
import type { DeliveryRef, Settlement, WriteItem } from "@reactive-domain/persistence";

/** What became of a delivery here. */
export type Outcome =
  | { readonly kind: "handled"; readonly items: readonly WriteItem[] }
  | { readonly kind: "skipped" | "released" }
  | { readonly kind: "lost" }
  | { readonly kind: "failed" | "parked"; readonly error: unknown };

const OUTCOMES = { handled: "acknowledge", skipped: "skip", released: "release", failed: "retry", parked: "park" } as const;

/** What the store is told of it. */
export function settlementOf({ position, fence }: DeliveryRef, outcome: Exclude<Outcome, { readonly kind: "lost" }>): Settlement {
  const settlement = { position, fence, outcome: OUTCOMES[outcome.kind] };
  return "error" in outcome ? { ...settlement, error: shownError(outcome.error) } : settlement;
}

/** With the code or the name in front, by which parked events can be chosen. */
function shownError(error: unknown): string {
  const name = nameOf(error);
  return name === undefined ? textOf(error) : `${name}: ${textOf(error)}`;
}

/** Whatever was thrown may throw itself when it is looked at. */
function nameOf(error: unknown): string | undefined {
  try {
    const code = (error as { readonly code?: unknown } | null | undefined)?.code;
    return typeof code === "string" ? code : error instanceof Error ? error.name : undefined;
  } catch {
    return undefined;
  }
}
