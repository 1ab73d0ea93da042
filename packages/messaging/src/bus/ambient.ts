import { AsyncLocalStorage } from "node:async_hooks";
import { correlationFrom, currentRuntime } from "@reactive-domain/core";
import type { AnyHandler } from "./handler.ts";
import type { MessageContext } from "./message-context.ts";
import { correlate, isUnplaced, metadataOf, type MessageBase } from "../message.ts";

// Made with the first bus that wants it: a process without one does not pay for the tracking of its promises.
let handled: AsyncLocalStorage<MessageBase> | undefined;

/** Has everything that a handler sends belong to the chain of what it handles. */
export function keepCorrelation(): void {
  handled ??= new AsyncLocalStorage();
}

/** Runs the handler of a message; all that it awaits belongs to the message's chain. */
export function runFor(message: MessageBase, handler: AnyHandler, context: MessageContext): unknown {
  return handled === undefined ? handler(message as never, context) : handled.run(message, handler, message as never, context);
}

/** Puts a message that has no place yet into the chain of the message that is handled here, if there is one. */
export function placeInChain(message: MessageBase): void {
  if (handled === undefined || !isUnplaced(message)) return;
  const source = handled.getStore();
  if (source === undefined || source === message) return;
  const { ids } = currentRuntime();
  correlate(message, correlationFrom(metadataOf(source)), () => ids.next());
}
