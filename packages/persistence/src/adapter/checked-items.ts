import type { WriteItem } from "../write.ts";
import type { WriteLimits } from "./check-event.ts";
import { checkWrite } from "./check-write.ts";
import { ownItems } from "./own-items.ts";

/** The items of a write as they are written: of a kind that every store takes, and nobody else's to change. Errors: `invalid-write`. */
export function checkedItems(items: readonly WriteItem[], limits: WriteLimits): readonly WriteItem[] {
  const own = ownItems(items);
  checkWrite(own, limits);
  return own;
}
