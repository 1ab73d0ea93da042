import type { JsonObject, JsonValue } from "@reactive-domain/core";
import { definitionOf, type MessageBase } from "../message.ts";
import { hides, MASKED, maskOf, type Mask } from "./mask.ts";

/** A payload as others may read it. */
export interface ShownPayload {
  /** As a text, the beginning of its JSON. */
  readonly payload: JsonObject | string;
  readonly isPayloadCut?: true;
}

/** A JSON-safe copy of a payload without what is sensitive, or the beginning of its JSON where that has more than so many characters. */
export function shownPayload(message: MessageBase, maxLength: number): ShownPayload {
  const copying = new Copying(maxLength);
  const payload = copying.copy(message, maskOf(definitionOf(message)), 0) as JsonObject;
  const text = JSON.stringify(payload);
  return text.length <= maxLength ? { payload } : { payload: text.slice(0, maxLength), isPayloadCut: true };
}

const MAX_DEPTH = 50;
/** Stands in the place of what cannot be shown: a part that contains itself, lies too deep, or throws when it is read. */
const NOT_SHOWN = "...";

interface PartAt {
  readonly key: string | number;
  readonly mask: Mask | undefined;
}

/** Copies until the JSON is longer than it may be: a large payload must not cost more than what is shown of it. */
class Copying {
  /** How many characters may follow; what is counted is at most what JSON takes. */
  #left: number;
  readonly #open = new Set<object>();

  constructor(maxLength: number) {
    this.#left = maxLength;
  }

  copy(value: unknown, mask: Mask | undefined, depth: number): JsonValue | undefined {
    if (value === undefined || typeof value === "function" || typeof value === "symbol") return undefined;
    if (mask !== undefined && hides(mask, value)) return this.#text(MASKED);
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) return this.#text(String(value));
    if (typeof value !== "object" || value === null) {
      this.#left--;
      return value as number | boolean | null;
    }
    if (depth >= MAX_DEPTH || this.#open.has(value)) return this.#text(NOT_SHOWN);
    this.#open.add(value);
    const copied = this.#object(value, mask, depth + 1);
    this.#open.delete(value);
    return copied;
  }

  #object(value: object, mask: Mask | undefined, depth: number): JsonValue | undefined {
    if (ArrayBuffer.isView(value)) return this.#text(`${value.byteLength} bytes`);
    if (Array.isArray(value)) return this.#array(value, mask, depth);
    // Not of the payload itself, of which it may be a field.
    if (depth > 1 && "toJSON" in value && typeof value.toJSON === "function") return this.copy(value.toJSON(), mask, depth);
    const copied: [string, JsonValue][] = [];
    for (const key of Object.keys(value)) {
      if (this.#left < 0) break;
      const shown = this.#part(value, { key, mask: mask?.parts.get(key) }, depth);
      if (shown === undefined) continue;
      copied.push([key, shown]);
      this.#left -= key.length + 3;
    }
    return Object.fromEntries(copied);
  }

  #array(values: readonly unknown[], mask: Mask | undefined, depth: number): JsonValue {
    const copied: JsonValue[] = [];
    for (const key of values.keys()) {
      if (this.#left < 0) break;
      copied.push(this.#part(values, { key, mask }, depth) ?? null);
      this.#left--;
    }
    return copied;
  }

  #part(value: object, { key, mask }: PartAt, depth: number): JsonValue | undefined {
    const left = this.#left;
    try {
      return this.copy((value as Readonly<Record<string | number, unknown>>)[key], mask, depth);
    } catch {
      this.#left = left;
      return this.#text(NOT_SHOWN);
    }
  }

  #text(text: string): string {
    const shown = text.length > this.#left ? text.slice(0, Math.max(0, this.#left) + 1) : text;
    this.#left -= shown.length + 2;
    return shown;
  }
}
