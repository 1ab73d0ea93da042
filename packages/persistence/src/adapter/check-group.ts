import { InvalidArgument } from "@reactive-domain/core";
import type { GroupDefinition } from "../consumer-group.ts";
import type { EventFilter } from "../read.ts";
import { checkCount, checkCursor, checkFilter, checkSource } from "./check-read.ts";
import type { CompleteGroupDefinition } from "./driver.ts";

const ORDERS: ReadonlySet<unknown> = new Set(["stream", "correlation", "none"]);
const KEYS: ReadonlySet<string> = new Set([
  "source",
  "filter",
  "from",
  "orderBy",
  "behindParked",
  "maxAttempts",
  "afterLoss",
  "retryDelayMs",
  "maxRetryDelayMs",
  "maxUnsettled",
]);
const MAX = Number.MAX_SAFE_INTEGER;

/** A definition with its defaults. Errors: `invalid-argument`. */
export function checkGroupDefinition(definition: GroupDefinition): CompleteGroupDefinition {
  if (typeof definition !== "object" || definition === null) throw new InvalidArgument("definition", "an object", definition);
  const stray = Object.keys(definition).find((key) => !KEYS.has(key));
  if (stray !== undefined) throw new InvalidArgument(`definition.${stray}`, `left out: a definition has ${[...KEYS].join(", ")}`, "there");
  const { source, filter, from = "start", orderBy = "stream", behindParked = "wait", maxAttempts = 5, maxUnsettled = 10_000 } = definition;
  const { retryDelayMs = 1_000, afterLoss = "alone" } = definition;
  const { maxRetryDelayMs = Math.max(retryDelayMs, 60_000) } = definition;
  checkSource(source);
  checkFilter(filter);
  checkFrom(from);
  if (!ORDERS.has(orderBy)) throw new InvalidArgument("orderBy", "stream, correlation or none", orderBy);
  if (behindParked !== "wait" && behindParked !== "pass") throw new InvalidArgument("behindParked", "wait or pass", behindParked);
  if (afterLoss !== "alone" && afterLoss !== "together") throw new InvalidArgument("afterLoss", "alone or together", afterLoss);
  checkCount("maxAttempts", maxAttempts, MAX);
  checkCount("retryDelayMs", retryDelayMs, MAX, 0);
  checkCount("maxRetryDelayMs", maxRetryDelayMs, MAX, retryDelayMs);
  checkCount("maxUnsettled", maxUnsettled, MAX);
  const complete = { source, from, orderBy, behindParked, maxAttempts, retryDelayMs, maxRetryDelayMs, maxUnsettled };
  return {
    ...complete,
    ...(afterLoss === "together" && { afterLoss }),
    ...(filter !== undefined && { filter: withoutGaps(filter) }),
  };
}

/** A filter without what it leaves open: said in another way, the same definition is the same. */
function withoutGaps({ types, categories, streamPrefix, correlationId }: EventFilter): EventFilter {
  return {
    ...(types !== undefined && { types }),
    ...(categories !== undefined && { categories }),
    ...(streamPrefix !== undefined && { streamPrefix }),
    ...(correlationId !== undefined && { correlationId }),
  };
}

function checkFrom(from: CompleteGroupDefinition["from"]): void {
  if (from === "start" || from === "end") return;
  const place: unknown = typeof from === "object" && from !== null ? from.after : undefined;
  if (typeof place !== "number") throw new InvalidArgument("from", "start, end or after(position)", from);
  checkCursor("from.after", place);
}
