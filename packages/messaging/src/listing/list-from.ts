import { testOf } from "./filter-items.ts";
import { firstOf } from "./first-of.ts";
import { comparePlaces, pageOf, placeOf, planListing, type ListingPlan } from "./listing-plan.ts";
import type { FieldType, FieldTypes, ListingRules, RowOf } from "./listing-rules.ts";
import type { Listing, Page } from "./listing.ts";

/** What an item has to hold for a definition; more is passed over. */
export type ItemOf<F extends FieldTypes> = { readonly [N in keyof F]?: RowOf<Record<"value", F[N] & FieldType>>["value"] | undefined };

/** Refuses, at compile time, items that lack a field of the definition. */
export type FieldsIn<F extends FieldTypes, T> = [keyof F] extends [keyof T]
  ? unknown
  : { readonly "the items lack a field of the definition": Exclude<keyof F, keyof T> };

/**
 * Answers a listing from items in memory: looks at all of them each time, and sorts as many as it needs.
 *
 * Errors: `invalid-message` for a listing that does not fit; `invalid-argument` for an item that holds in a field what the definition does not say, and for a key that is
 * missing or seen to be another's.
 *
 * @example
 * queries.handle(OpenAccounts, (query) => listFrom(accounts.values(), query, accountList));
 */
export function listFrom<F extends FieldTypes, T extends ItemOf<F>>(
  items: Iterable<T>,
  listing: Listing<RowOf<F>>,
  rules: ListingRules<F> & FieldsIn<F, T>,
): Page<T> {
  const plan = planListing<F>(listing, rules);
  const { found, total } = findFrom(items, plan, rules);
  return pageOf(found, plan, rules, total);
}

/** What items in memory there are for {@link pageOf}: those of a page and one more, and how many the filter finds where that is wanted. Errors: `invalid-argument`. */
export function findFrom<T extends object, F extends FieldTypes>(
  items: Iterable<T>,
  plan: ListingPlan<F>,
  rules: ListingRules<F>,
): { readonly found: readonly T[]; readonly total: number | undefined } {
  const { order, after, offset, size } = plan;
  const rows = [...items].filter(testOf(plan.filter, rules.fields)).map((item) => ({ item, place: placeOf(item, order, rules) }));
  const behind = after === undefined ? rows : rows.filter(({ place }) => comparePlaces(place, after, order) > 0);
  const first = firstOf(behind, offset + size + 1, (one, other) => comparePlaces(one.place, other.place, order));
  return { found: first.slice(offset).map(({ item }) => item), total: plan.wantsTotal ? rows.length : undefined };
}
