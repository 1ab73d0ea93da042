import { InvalidArgument } from "@reactive-domain/core";
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

/** Errors: `invalid-argument` for what is not the key of an item: no repository would find it. */
export function checkItemKey(key: unknown, { key: names, fields }: Listing): void {
  const [only] = names;
  if (names.length === 1 && only !== undefined) return checkPart("The key of an item", key, fields[only]);
  if (typeof key !== "object" || key === null) throw new InvalidArgument("The key of an item", `an object of ${names.join(", ")}`, key);
  for (const name of names)
    checkPart(`The field ${name} of the key of an item`, (key as Readonly<Record<string, unknown>>)[name], fields[name]);
}

function checkPart(what: string, value: unknown, type: string | undefined): void {
  if (typeof value !== type || (type === "number" && !Number.isFinite(value)))
    throw new InvalidArgument(what, `a ${type === "number" ? "finite number" : type}`, value);
  if (typeof value === "string" && (!value.isWellFormed() || value.includes("\0")))
    throw new InvalidArgument(what, "well-formed text without NUL", value);
}

/** The key of an item, from its text. */
export function keyOfText(text: string, { key, fields }: Listing): unknown {
  const [only] = key;
  if (key.length === 1 && only !== undefined) return fields[only] === "string" ? text : JSON.parse(text);
  const values = JSON.parse(text) as readonly unknown[];
  return Object.fromEntries(key.map((field, index) => [field, values[index]]));
}
