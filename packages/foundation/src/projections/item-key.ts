import type { OwnDocuments } from "@reactive-domain/persistence";

export type Listing = OwnDocuments["shape"]["listing"];

/** The key that an item has. */
export function keyIn(item: object, { key }: Listing): unknown {
  const [only] = key;
  return key.length === 1 && only !== undefined ? (item as Readonly<Record<string, unknown>>)[only] : item;
}

/** The key of an item as text, by which lanes and parked events know it. */
export function textOfKey(key: unknown, listing: Listing): string {
  if (typeof key === "string") return key;
  if (typeof key !== "object" || key === null) return String(key);
  return JSON.stringify(listing.key.map((field) => (key as Readonly<Record<string, unknown>>)[field]));
}

/** The key of an item, from its text. */
export function keyOfText(text: string, { key, fields }: Listing): unknown {
  const [only] = key;
  if (key.length === 1 && only !== undefined) return fields[only] === "string" ? text : JSON.parse(text);
  const values = JSON.parse(text) as readonly unknown[];
  return Object.fromEntries(key.map((field, index) => [field, values[index]]));
}
