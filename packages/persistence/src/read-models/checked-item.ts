import { findJsonProblem, InvalidArgument } from "@reactive-domain/core";
import type { FieldType, Scalar } from "@reactive-domain/messaging";
import { NotSerializable } from "../errors.ts";
import type { ReadModelRow, ReadModelShape } from "./read-model-row.ts";

/** What an index of PostgreSQL takes of text, less what numbers beside it need. */
const MAX_INDEXED_BYTES = 2_000;
/** The most bytes of UTF-8 for a unit of UTF-16. */
const MAX_BYTES_OF_UNIT = 3;

/** What is kept of an item. Errors: `not-serializable`, `invalid-argument`. */
export function checkedItem(item: unknown, shape: ReadModelShape): ReadModelRow {
  const { name, listing } = shape;
  if (!isObject(item)) throw new InvalidArgument(`An item of ${name}`, "an object", item);
  const problem = findJsonProblem(item);
  if (problem !== undefined) throw new NotSerializable(`An item of ${name}`, problem.path, problem.reason);
  const json = JSON.stringify(item);
  // What an instance makes of itself for JSON is what will come back.
  const kept: unknown = isItself(item, listing.fields) ? item : JSON.parse(json);
  if (!isObject(kept)) throw new InvalidArgument(`An item of ${name}`, "an object as JSON, too", kept);
  const values = Object.fromEntries(Object.entries(listing.fields).map(([field, type]) => [field, heldIn(kept, field, { type, name })]));
  const key = keyOf(kept, shape);
  for (const fields of [[], ...shape.indexes]) checkIndexed(kept, [...fields, ...listing.key], name);
  return { key, values, json };
}

/** Whether the fields hold what they will when the item comes back from JSON. */
function isItself(item: Fields, fields: Readonly<Record<string, unknown>>): boolean {
  if (Object.getPrototypeOf(item) !== Object.prototype || "toJSON" in item) return false;
  for (const field of Object.keys(fields)) {
    const value = item[field];
    if ((typeof value === "object" && value !== null) || Object.is(value, -0)) return false;
  }
  return true;
}

/** Errors: `invalid-argument` for what is not the key of an item, be it by type or by name. */
export function checkedKey(key: unknown, { name, listing }: ReadModelShape): readonly Scalar[] {
  const what = `The key of ${name}`;
  const [only] = listing.key;
  if (listing.key.length === 1 && only !== undefined) return [partOf(key, listing.fields[only], what)];
  if (!isObject(key)) throw new InvalidArgument(what, `an object of ${listing.key.join(", ")}`, key);
  const stray = Object.keys(key).find((field) => !listing.key.includes(field));
  if (stray !== undefined) throw new InvalidArgument(`A field of the key of ${name}`, `one of ${listing.key.join(", ")}`, stray);
  return listing.key.map((field) => partOf(key[field], listing.fields[field], `The field ${field} of the key of ${name}`));
}

/** The key as errors and caches tell it. */
export function namedKey(key: readonly Scalar[], { listing }: ReadModelShape): Readonly<Record<string, Scalar>> {
  return Object.fromEntries(listing.key.map((field, index) => [field, key[index] ?? ""]));
}

function keyOf(item: Fields, { name, listing }: ReadModelShape): readonly Scalar[] {
  return listing.key.map((field) =>
    partOf(item[field], listing.fields[field], `The field ${field} of an item of ${name}, being of its key,`),
  );
}

function heldIn(item: Fields, field: string, { type, name }: { readonly type: FieldType; readonly name: string }): Scalar | null {
  const value = item[field] ?? null;
  return value === null ? null : partOf(value, type, `The field ${field} of an item of ${name}`);
}

function partOf(value: unknown, type: FieldType | undefined, what: string): Scalar {
  if (typeof value !== type || (type === "number" && !Number.isFinite(value)))
    throw new InvalidArgument(what, `a ${type === "number" ? "finite number" : type}`, value);
  if (typeof value === "string" && isTorn(value)) throw new InvalidArgument(what, "well-formed text without NUL", value);
  return value as Scalar;
}

/** Whether a database would keep another text than this one. */
export function isTorn(text: string): boolean {
  return text.includes("\0") || !text.isWellFormed();
}

function checkIndexed(item: Fields, fields: readonly string[], name: string): void {
  const texts = [...new Set(fields)].map((field) => item[field]).filter((value) => typeof value === "string");
  const units = texts.reduce((sum, text) => sum + text.length, 0);
  if (units * MAX_BYTES_OF_UNIT <= MAX_INDEXED_BYTES) return;
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes > MAX_INDEXED_BYTES)
    throw new InvalidArgument(
      `The text in ${fields.join(", ")} of an item of ${name}`,
      `at most ${MAX_INDEXED_BYTES} bytes, being indexed`,
      bytes,
    );
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
