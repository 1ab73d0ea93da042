import { checkObject, InvalidArgument } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkListing } from "./check-listing.ts";
import type { FieldTypes, ListingRules, RowOf } from "./listing-rules.ts";
import type { Listing } from "./listing.ts";

export interface ListingOptions<F extends FieldTypes, K extends keyof F & string = keyof F & string> {
  /** The field, or the fields together, that no two items have in common. They always hold a value. */
  readonly key: K | readonly K[];
  readonly fields: F;
  /** How many items a page has where nobody says. Default 50, or `maxSize` where that is less. */
  readonly defaultSize?: number;
  /** How many items a page may have. Default 1,000. */
  readonly maxSize?: number;
}

/** What may be asked of a list. It is the schema of such questions, for a query to declare: `Query("OpenAccounts", { schema: accountList })`. */
export interface ListingDefinition<F extends FieldTypes = FieldTypes, K extends string = string>
  extends ListingRules<F>, StandardSchemaV1<Listing<RowOf<F>>> {
  readonly key: readonly K[];
}

const GROUPS: readonly string[] = ["and", "or", "not", "__proto__"];

/**
 * Declares what may be asked of a list. Only the named fields are open to those who ask.
 *
 * Errors: `invalid-argument` for a key that is not among the fields, a field of no known type or of a name that a filter has a use for, and sizes out of bounds.
 *
 * @example
 * const accountList = defineListing({ key: "accountId", fields: { accountId: "string", owner: "string", balance: "number" } });
 * class OpenAccounts extends Query("OpenAccounts", { schema: accountList })<Page<Account>> {}
 * queries.handle(OpenAccounts, (query) => listFrom(accounts.values(), query, accountList));
 */
export function defineListing<const F extends FieldTypes, const K extends keyof F & string>(
  options: ListingOptions<F, K>,
): ListingDefinition<F, K> {
  checkObject("The options of a listing", options);
  checkObject("fields", options.fields);
  const { fields, maxSize = 1_000, defaultSize = Math.min(50, maxSize) } = options;
  const key: readonly K[] = typeof options.key === "string" ? [options.key] : [...(options.key ?? [])];
  for (const [name, type] of Object.entries(fields)) {
    if (!["string", "number", "boolean"].includes(type))
      throw new InvalidArgument(`The type of the field ${name}`, "string, number or boolean", type);
    if (GROUPS.includes(name)) throw new InvalidArgument("A field", `not named ${GROUPS.join(", ")}`, name);
  }
  const strays = key.filter((name) => !Object.hasOwn(fields, name));
  if (key.length === 0 || strays.length > 0)
    throw new InvalidArgument("key", `one or more of ${Object.keys(fields).join(", ")}`, key.length === 0 ? "none" : strays[0]);
  if (!Number.isSafeInteger(maxSize) || maxSize < 1) throw new InvalidArgument("maxSize", "an integer from 1", maxSize);
  if (!Number.isSafeInteger(defaultSize) || defaultSize < 1 || defaultSize > maxSize)
    throw new InvalidArgument("defaultSize", `an integer from 1 to ${maxSize}`, defaultSize);
  const definition: ListingDefinition<F, K> = {
    key,
    fields,
    defaultSize,
    maxSize,
    "~standard": {
      version: 1,
      vendor: "reactive-domain",
      validate(value) {
        const issues = checkListing(value, definition);
        return issues.length === 0 ? { value: value as Listing<RowOf<F>> } : { issues };
      },
    },
  };
  return definition;
}
