import type { GroupDefinition, RecordedEvent } from "@reactive-domain/persistence";

/** By what an event keeps its order, as the store sees it. */
export function keyOf(event: RecordedEvent, orderBy: GroupDefinition["orderBy"]): string | undefined {
  if (orderBy === "none") return undefined;
  return orderBy === "correlation" ? (correlationOf(event) ?? event.id) : event.stream;
}

function correlationOf({ metadata }: RecordedEvent): string | undefined {
  try {
    const { correlationId } = JSON.parse(metadata) as { readonly correlationId?: unknown };
    return typeof correlationId === "string" ? correlationId : undefined;
  } catch {
    // Metadata is kept verbatim: it need not be JSON.
    return undefined;
  }
}
