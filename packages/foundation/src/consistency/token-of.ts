import { checkObject, InvalidArgument, position as checkPosition, type Position } from "@reactive-domain/core";
import type { CallOptions, EventStore } from "@reactive-domain/persistence";
import { logOf } from "./log-of.ts";
import { formatToken } from "./token.ts";

/** What a save has answered, or anything else that tells how far the log was. */
export interface Written {
  /** The position of the last event that was written; `null` when nothing was. */
  readonly position: Position | null;
}

/** The token of what was written to a store. Errors: `invalid-argument`, `not-supported`, those of the store. */
export async function tokenOf(store: EventStore, written: Written, options?: CallOptions): Promise<string> {
  checkObject("result", written);
  const { position } = written;
  if (position === null) return formatToken(new Map());
  if (position === undefined)
    throw new InvalidArgument(
      "result.position",
      "a position or null",
      position,
      "Hand over what save, saveAll, update or handle answered.",
    );
  checkPosition(position);
  const { mark } = await logOf(store, options);
  return formatToken(new Map([[mark, position]]));
}
