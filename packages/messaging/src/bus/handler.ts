import type { MessageContext } from "./message-context.ts";

/** A handler of any message, as buses keep it. */
export type AnyHandler = (message: never, context: MessageContext) => unknown;

/** Ends a registration; calling it again does nothing. */
export type Unsubscribe = () => void;
