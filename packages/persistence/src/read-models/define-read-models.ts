import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import type { FieldTypes } from "@reactive-domain/messaging";
import type { AnyItem, ReadModelDefinition, ReadModelOptions } from "./read-model-definition.ts";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME_LENGTH = 40;
/** Fields are columns: databases that know no capital letters must not take two of them for one. */
const FIELD = /^[A-Za-z][A-Za-z0-9_]{0,59}$/;
/** Columns that every table of PostgreSQL has. */
const COLUMNS_OF_SYSTEM: readonly string[] = ["ctid", "tableoid", "xmin", "xmax", "cmin", "cmax"];
const MAX_FIELDS = 100;
const MAX_INDEXED_FIELDS = 10;
const MAX_SCHEMA_VERSION = 999_999;

/**
 * Declares items of a read model that are kept by key, and can be listed. A stored item is a JSON document that has the fields of the listing, and any others.
 *
 * Errors: `invalid-argument` for a name that is not in small letters, digits and dashes (at most 40), fields whose names are not letters, digits and underscores, or the
 * same but for capital letters, more than 100 fields, an index of more than 10 fields with the key or of a field that the listing lacks, and a bad `schemaVersion`.
 *
 * @example
 * export const accountViews = defineReadModels("account-views", {
 *   listing: defineListing({ key: "accountId", fields: { accountId: "string", owner: "string", balanceCents: "number" } }),
 *   indexes: [["balanceCents"]],
 * });
 */
export function defineReadModels<F extends FieldTypes, K extends string>(
  name: string,
  options: ReadModelOptions<F, K>,
): ReadModelDefinition<F, K, AnyItem<F, K>> {
  if (typeof name !== "string" || name.length > MAX_NAME_LENGTH || !NAME.test(name))
    throw new InvalidArgument("name", `at most ${MAX_NAME_LENGTH} small letters, digits and single dashes, a letter first`, name);
  checkKeys(`options of ${name}`, options, ["listing", "indexes", "schemaVersion"]);
  const { listing, indexes = [], schemaVersion = 1 } = options;
  if (typeof listing !== "object" || listing === null || !("~standard" in listing))
    throw new InvalidArgument("listing", "what defineListing gives", listing);
  checkFields(Object.keys(listing.fields));
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > MAX_SCHEMA_VERSION)
    throw new InvalidArgument("schemaVersion", `an integer from 1 to ${MAX_SCHEMA_VERSION}`, schemaVersion);
  const own = ownIndexes(indexes, listing);
  const definition: ReadModelDefinition<F, K, AnyItem<F, K>> = Object.freeze({
    name,
    schemaVersion,
    listing,
    indexes: own,
    holding: () => definition as ReadModelDefinition<F, K, never>,
  });
  return definition;
}

function checkFields(fields: readonly string[]): void {
  if (fields.length > MAX_FIELDS) throw new InvalidArgument("The fields of a listing", `at most ${MAX_FIELDS}`, fields.length);
  const seen = new Set<string>();
  for (const field of fields) {
    const small = field.toLowerCase();
    if (!FIELD.test(field)) throw new InvalidArgument("A field", "at most 60 letters, digits and underscores, a letter first", field);
    if (field in Object.prototype) throw new InvalidArgument("A field", "not named like what every object has", field);
    if (COLUMNS_OF_SYSTEM.includes(small)) throw new InvalidArgument("A field", `not named ${COLUMNS_OF_SYSTEM.join(", ")}`, field);
    if (seen.has(small)) throw new InvalidArgument("A field", "different from others not only in capital letters", field);
    seen.add(small);
  }
}

function ownIndexes(
  indexes: unknown,
  { fields, key }: { readonly fields: FieldTypes; readonly key: readonly string[] },
): readonly (readonly string[])[] {
  if (!Array.isArray(indexes)) throw new InvalidArgument("indexes", "a list of lists of fields", indexes);
  return indexes.map((index: unknown) => {
    if (!Array.isArray(index) || index.length === 0) throw new InvalidArgument("An index", "a list of fields, of one at least", index);
    const stray: unknown = index.find((field, nth) => !Object.hasOwn(fields, field as string) || index.indexOf(field) !== nth);
    if (stray !== undefined) throw new InvalidArgument("A field of an index", `one of ${Object.keys(fields).join(", ")}, once`, stray);
    const own = index as readonly string[];
    const width = new Set([...own, ...key]).size;
    if (width > MAX_INDEXED_FIELDS) throw new InvalidArgument("An index", `of at most ${MAX_INDEXED_FIELDS} fields with the key`, width);
    return [...own];
  });
}
