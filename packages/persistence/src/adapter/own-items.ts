import { describe } from "@reactive-domain/core";
import { InvalidWrite } from "../errors.ts";
import type { NewEvent } from "../recorded-event.ts";
import type { WriteItem } from "../write.ts";
import { ownBytes } from "./own-bytes.ts";

/**
 * The items as plain data that nobody else changes: whatever their writer does once it has called, what was checked is what is written.
 *
 * Errors: `invalid-write` for what cannot be read, like bytes whose buffer is gone.
 */
export function ownItems(items: readonly WriteItem[]): readonly WriteItem[] {
  if (!Array.isArray(items)) throw new InvalidWrite("A write", "a list of at least one item", describe(items));
  try {
    return items.map(ownItem);
  } catch (cause) {
    throw new InvalidWrite("A write", "data that can be read", cause instanceof Error ? `not: ${cause.message}` : "not");
  }
}

function ownItem(item: WriteItem): WriteItem {
  switch (item?.kind) {
    case "append":
      return { ...item, events: Array.isArray(item.events) ? item.events.map(ownEvent) : item.events };
    case "snapshot":
      return { ...item, data: ownBytes(item.data) };
    case "metadata":
      return { ...item, metadata: structuredClone(item.metadata) };
    case "settle":
      return { ...item, deliveries: Array.isArray(item.deliveries) ? item.deliveries.map((one) => one && { ...one }) : item.deliveries };
    default:
      return item && { ...item };
  }
}

/** Field by field: an event that was read has getters, which a spread would lose. */
function ownEvent(event: NewEvent): NewEvent {
  if (typeof event !== "object" || event === null) return event;
  const { id, type, schemaVersion, contentType, data, metadata } = event;
  return { id, type, schemaVersion, contentType, data: ownBytes(data), metadata };
}
