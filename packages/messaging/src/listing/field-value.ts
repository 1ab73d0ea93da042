import { InvalidArgument } from "@reactive-domain/core";
import type { FieldType, FieldTypes } from "./listing-rules.ts";
import type { Scalar } from "./listing.ts";

/** Whether a value is what fields of a type hold. */
export function isOfType(value: unknown, type: FieldType | undefined): value is Scalar {
  return typeof value === type && (type !== "number" || Number.isFinite(value));
}

/** What an item holds in a field, `null` for nothing. Errors: `invalid-argument` for what the field cannot hold. */
export function fieldValue(item: object, field: string, fields: FieldTypes): Scalar | null {
  const value = (item as Readonly<Record<string, unknown>>)[field] ?? null;
  const type = fields[field];
  if (value !== null && !isOfType(value, type))
    throw new InvalidArgument(`The field ${field} of an item`, `a ${type === "number" ? "finite number" : type}, or nothing`, value);
  return value;
}
