import { InvalidMessage, planListing, type Listing, type ListingPlan, type RowOf } from "@reactive-domain/messaging";
import type { FieldTypes } from "@reactive-domain/messaging";
import { isTorn } from "./checked-item.ts";
import type { ReadModelShape } from "./read-model-row.ts";

/**
 * The plan of a listing. Text that no item can hold, with NUL or lone surrogates, is refused: databases would take it for another one.
 *
 * Errors: `invalid-message`.
 */
export function checkedListing(listing: Listing<RowOf<FieldTypes>>, { listing: rules }: ReadModelShape): ListingPlan {
  const plan = planListing(listing, rules);
  if (hasTornText(plan.filter) || hasTornText(plan.after))
    throw InvalidMessage.fromStandardSchema("The listing", [{ message: "has text with NUL or lone surrogates, which no item has" }]);
  return plan;
}

/** Filters lie at most ten levels deep. */
function hasTornText(part: unknown): boolean {
  if (typeof part === "string") return isTorn(part);
  return typeof part === "object" && part !== null && Object.values(part).some(hasTornText);
}
