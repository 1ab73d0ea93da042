import type { EventFilter } from "../read.ts";
import type { RecordedEvent } from "../recorded-event.ts";
import { categoryOf } from "./category.ts";

/** Whether a filter lets an event through. */
export function selects({ types, categories, streamPrefix = "", correlationId }: EventFilter, event: RecordedEvent): boolean {
  return (
    (types?.includes(event.type) ?? true) &&
    (categories?.includes(categoryOf(event.stream)) ?? true) &&
    event.stream.startsWith(streamPrefix) &&
    (correlationId === undefined || correlationOf(event) === correlationId)
  );
}

/** The correlation id in an event's metadata; `undefined` where there is none. */
export function correlationOf({ metadata }: RecordedEvent): string | undefined {
  try {
    const { correlationId } = JSON.parse(metadata) as { readonly correlationId?: unknown };
    return typeof correlationId === "string" ? correlationId : undefined;
  } catch {
    // Metadata is kept verbatim: it need not be JSON.
    return undefined;
  }
}
