import { describe } from "@reactive-domain/core";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { decodeCursor } from "./cursor.ts";
import { classOf, MessageBase } from "../message.ts";
import { checkFilter } from "./check-filter.ts";
import { Faults, type Tell } from "./faults.ts";
import type { ListingRules } from "./listing-rules.ts";
import { orderOf } from "./order.ts";

type Fields = Readonly<Record<string, unknown>>;

const MAX_SORT_FIELDS = 10;

/** What is wrong with data that should be a listing. Queries that are more than one have further fields, which are passed over. */
export function checkListing(value: unknown, rules: ListingRules): readonly StandardSchemaV1.Issue[] {
  const faults = new Faults();
  const { tell } = faults;
  if (!isObject(value)) {
    tell([], `must be an object, but is ${describe(value)}`);
    return faults.issues;
  }
  const { filter, sort, page, ...rest } = value;
  if (filter !== undefined) checkFilter(filter, rules.fields, tell);
  if (sort !== undefined) checkSort(sort, rules, tell);
  const order = faults.issues.length === 0 ? orderOf((sort ?? []) as Parameters<typeof orderOf>[0], rules) : undefined;
  if (page !== undefined) checkPage(page, rules, tell);
  const after = isObject(page) ? page["after"] : undefined;
  if (order !== undefined && typeof after === "string") {
    const decoded = decodeCursor(after, order, rules.fields);
    if ("problem" in decoded) tell(["page", "after"], decoded.problem);
  }
  if (!(value instanceof MessageBase) || isListingAlone(classOf(value), rules)) tellStrays([], rest, { known: "filter, sort, page", tell });
  return faults.issues;
}

/** Whether a query is declared by the listing, and derives from no other query. */
function isListingAlone(queryClass: typeof MessageBase, rules: ListingRules): boolean {
  const { definition } = queryClass;
  let above = queryClass;
  while (above.definition === definition) above = Object.getPrototypeOf(above) as typeof MessageBase;
  return above.definition === undefined && (definition.schemas as readonly unknown[]).includes(rules);
}

function checkSort(sort: unknown, { fields }: ListingRules, tell: Tell): void {
  if (!Array.isArray(sort) || sort.length > MAX_SORT_FIELDS)
    return tell(["sort"], `must be a list of at most ${MAX_SORT_FIELDS}, but is ${describe(sort)}`);
  const seen = new Set<unknown>();
  for (const [index, step] of (sort as readonly unknown[]).entries()) {
    if (!isObject(step)) {
      tell(["sort", index], `must be { by, direction }, but is ${describe(step)}`);
      continue;
    }
    const { by, direction, ...rest } = step;
    if (typeof by !== "string" || !Object.hasOwn(fields, by))
      tell(["sort", index, "by"], `must be one of ${Object.keys(fields).join(", ")}, but is ${describe(by)}`);
    if (seen.has(by)) tell(["sort", index, "by"], `must not be ${describe(by)} again`);
    seen.add(by);
    if (direction !== undefined && direction !== "asc" && direction !== "desc")
      tell(["sort", index, "direction"], `must be asc or desc, but is ${describe(direction)}`);
    tellStrays(["sort", index], rest, { known: "by, direction", tell });
  }
}

function checkPage(page: unknown, { maxSize }: ListingRules, tell: Tell): void {
  if (!isObject(page)) return tell(["page"], `must be an object, but is ${describe(page)}`);
  const { size = 1, after, offset, total = false, ...rest } = page;
  if (!isWithin(size, 1, maxSize)) tell(["page", "size"], `must be an integer from 1 to ${maxSize}, but is ${describe(size)}`);
  if (!isWithin(offset ?? 0, 0, Number.MAX_SAFE_INTEGER)) tell(["page", "offset"], `must be an integer from 0, but is ${describe(offset)}`);
  if (after !== undefined && typeof after !== "string") tell(["page", "after"], `must be the next of a page, but is ${describe(after)}`);
  if (after !== undefined && offset !== undefined) tell(["page"], "must have after or offset, but has both");
  if (typeof total !== "boolean") tell(["page", "total"], `must be true or false, but is ${describe(total)}`);
  tellStrays(["page"], rest, { known: "size, after, offset, total", tell });
}

function tellStrays(path: readonly PropertyKey[], rest: Fields, { known, tell }: { readonly known: string; readonly tell: Tell }): void {
  for (const name of Object.keys(rest)) tell([...path, name], `is not known here: take one of ${known}`);
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
