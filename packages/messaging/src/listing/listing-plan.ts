import { InvalidArgument } from "@reactive-domain/core";
import { InvalidMessage } from "../errors.ts";
import { classOf, MessageBase } from "../message.ts";
import { checkListing } from "./check-listing.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { fieldValue } from "./field-value.ts";
import type { FieldTypes, ListingRules, RowOf } from "./listing-rules.ts";
import type { ListingFilter, Listing, Page, Scalar } from "./listing.ts";
import { orderOf, type OrderStep } from "./order.ts";
import { compareScalars } from "./scalar-order.ts";

/** A listing that was checked, with all that it leaves open filled in. */
export interface ListingPlan<F extends FieldTypes = FieldTypes> {
  readonly filter: ListingFilter<RowOf<F>>;
  /** Ends with the key: no two items are equal in it. */
  readonly order: readonly OrderStep[];
  /** The values, in this order, of the item behind which the page begins. */
  readonly after: readonly (Scalar | null)[] | undefined;
  readonly offset: number;
  readonly size: number;
  /** Whether all that the filter finds is to be counted, whatever the page. */
  readonly wantsTotal: boolean;
}

/**
 * What a repository does to answer a listing: find what the filter finds, order it, begin behind `after` or pass over `offset`, and hand `size` + 1 items to
 * {@link pageOf}. In SQL a condition is `coalesce(…, false)`, `eq` and `ne` are `is [not] distinct from`, and nothing comes first (`nulls first`, descending `nulls last`).
 *
 * Errors: `invalid-message`.
 */
export function planListing<F extends FieldTypes>(listing: Listing<RowOf<F>>, rules: ListingRules<F>): ListingPlan<F> {
  const issues = checkListing(listing, rules);
  if (issues.length > 0) {
    const type = listing instanceof MessageBase ? classOf(listing).type : "The listing";
    throw InvalidMessage.fromStandardSchema(type, issues);
  }
  const { filter = {}, sort = [], page: { size = rules.defaultSize, after, offset = 0, total = false } = {} } = listing;
  const order = orderOf(sort, rules);
  const decoded = after === undefined ? undefined : decodeCursor(after, order, rules.fields);
  return { filter, order, after: decoded !== undefined && "place" in decoded ? decoded.place : undefined, offset, size, wantsTotal: total };
}

/**
 * Makes a page of the items that were found for it, in their order, and one more where there are more.
 *
 * Errors: `invalid-argument` for items that have a key in common, or none.
 */
export function pageOf<T extends object, F extends FieldTypes>(
  found: readonly T[],
  plan: ListingPlan<F>,
  rules: ListingRules<F>,
  total?: number,
): Page<T> {
  const items = found.slice(0, plan.size);
  const counted = total === undefined ? undefined : { total };
  const [last, behind] = [items.at(-1), found[plan.size]];
  if (last === undefined || behind === undefined) return { items, ...counted };
  const place = placeOf(last, plan.order, rules);
  if (comparePlaces(place, placeOf(behind, plan.order, rules), plan.order) === 0)
    throw new InvalidArgument(
      `The key ${rules.key.join(", ")}`,
      "different for all items",
      place.at(-1),
      "Pages would pass over one of them.",
    );
  return { items, next: encodeCursor(plan.order, place), ...counted };
}

/** The values by which an item is ordered. Errors: `invalid-argument` for an item without a key. */
export function placeOf(item: object, order: readonly OrderStep[], { fields, key }: ListingRules): readonly (Scalar | null)[] {
  return order.map(({ by }) => {
    const value = fieldValue(item, by, fields);
    if (value === null && key.includes(by)) throw new InvalidArgument(`The field ${by} of an item`, "a value, being its key", value);
    return value;
  });
}

/** Less than 0 where the first place comes before the second. */
export function comparePlaces(one: readonly (Scalar | null)[], other: readonly (Scalar | null)[], order: readonly OrderStep[]): number {
  for (let index = 0; index < order.length; index++) {
    const difference = compareScalars(one[index] ?? null, other[index] ?? null);
    if (difference !== 0) return order[index]?.direction === "desc" ? -difference : difference;
  }
  return 0;
}
