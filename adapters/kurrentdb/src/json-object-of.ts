import type { JsonObject } from "@reactive-domain/core";

/** What a text of somebody else says as a JSON object; one without keys where it is none. */
export function jsonObjectOf(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
