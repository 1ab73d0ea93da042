import type { ExpectItem } from "@reactive-domain/persistence";

/** An item that holds a write to a stream that it does not change. */
export function expectOf(stream: string, expectedVersion: ExpectItem["expectedVersion"]): ExpectItem {
  return { kind: "expect", stream, expectedVersion };
}
