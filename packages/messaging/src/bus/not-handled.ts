import { NotHandled } from "../errors.ts";
import { nearNames } from "./near-names.ts";

/** The error for a type without a handler, where these have one. */
export function notHandled(type: string, handled: readonly string[]): NotHandled {
  return new NotHandled(type, handled, nearNames(type, handled));
}
