import type { MessageContext } from "../bus/message-context.ts";
import type { MessageBase } from "../message.ts";

/** What stands behind a step: the next one, or the handler. */
export type Next = (changes?: NextChanges) => Promise<unknown>;

/** What those behind a step see in place of what it sees itself. */
export interface NextChanges {
  /** Has to abort when that of the step's own context does. It is read when somebody behind the step asks for the signal. */
  readonly signal?: AbortSignal;
}

/** A handler as a bus knows it; the same object for as long as it is registered. */
export interface HandlerFacts {
  /** The type that it was registered for; `*` for all events. */
  readonly type: string;
  /** Its function's name, or `a handler without a name`. */
  readonly name: string;
  /** Where it was registered. */
  readonly site: string;
}

/** What a step is told beside the message. */
export interface MiddlewareContext extends MessageContext {
  /** The handler that the message is on its way to: an event passes the steps once for each of its handlers. */
  readonly handler: HandlerFacts;
}

/**
 * A step between a bus and its handlers. It calls `next` to go on, again to repeat, and not at all to refuse; what it answers is what the sender gets, and what it
 * throws reaches the sender as it is. A bus shows it by the name of the function.
 *
 * @example
 * const audited: Middleware<CommandBase> = async (command, context, next) => {
 *   console.log(`${context.metadata.actor} asks for ${classOf(command).type}`);
 *   return next();
 * };
 */
export type Middleware<M extends MessageBase = MessageBase> = (message: M, context: MiddlewareContext, next: Next) => unknown;
