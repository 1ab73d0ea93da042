import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import { isBoundedContext } from "./bounded-context.ts";

const KEYS = ["serializer", "streamNames"];

/** Holds what is connected with what. Errors: `invalid-argument`. */
export function checkConnection(context: unknown, store: unknown, options: unknown): void {
  if (!isBoundedContext(context)) throw new InvalidArgument("context", "what boundedContext made", context);
  if (typeof store !== "object" || store === null || typeof Reflect.get(store, "write") !== "function")
    throw new InvalidArgument("store", "an event store", store);
  checkKeys("options of connect", options, KEYS);
}
