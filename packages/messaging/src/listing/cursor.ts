import { isOfType } from "./field-value.ts";
import type { FieldTypes } from "./listing-rules.ts";
import type { Scalar } from "./listing.ts";
import type { OrderStep } from "./order.ts";

/** Where an item stands in an order, as text. */
export function encodeCursor(order: readonly OrderStep[], place: readonly (Scalar | null)[]): string {
  return Buffer.from(JSON.stringify([orderText(order), ...place])).toString("base64url");
}

/** The place that a cursor tells, or what is wrong with it. */
export function decodeCursor(cursor: string, order: readonly OrderStep[], fields: FieldTypes): Place | { readonly problem: string } {
  const [asked, ...place] = parse(cursor);
  if (typeof asked !== "string") return FOREIGN;
  if (asked !== orderText(order))
    return { problem: `must be the next of a page in the same order: ${orderText(order)}. Ask for the first page where the sort changes` };
  const fits = place.length === order.length && order.every(({ by }, index) => place[index] === null || isOfType(place[index], fields[by]));
  return fits ? { place: place as Place["place"] } : FOREIGN;
}

interface Place {
  readonly place: readonly (Scalar | null)[];
}

const FOREIGN = { problem: "must be the next of a page, as it was given" };

function orderText(order: readonly OrderStep[]): string {
  return order.map(({ by, direction }) => (direction === "desc" ? `${by} desc` : by)).join(", ");
}

function parse(cursor: string): readonly unknown[] {
  try {
    const told: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(told) ? told : [];
  } catch {
    return [];
  }
}
