import { currentRuntime, type Runtime } from "@reactive-domain/core";
import { AlreadyHandled, Canceled, NotHandled } from "./errors.ts";
import { DirectContext, type MessageContext, type SendOptions } from "./message-context.ts";
import type { MessageClass } from "./message-types.ts";
import { classOf, type MessageBase } from "./message.ts";
import { validate } from "./validation.ts";

/** Ends a registration; calling it again does nothing. */
export type Unsubscribe = () => void;

type AnyHandler = (message: never, context: MessageContext) => unknown;

/** Routes each message to the one handler of its exact class. What command bus and query bus have in common. */
export class RequestRouter {
  readonly #handlers = new Map<unknown, AnyHandler>();
  readonly #runtime: Runtime = currentRuntime();

  /** Errors: `already-handled`. */
  handle<M extends MessageBase>(messageClass: MessageClass<M>, handler: (message: M, context: MessageContext) => unknown): Unsubscribe {
    if (this.#handlers.has(messageClass)) throw new AlreadyHandled(messageClass.type);
    // The same function may be registered again after this registration has ended: each ends only itself.
    const registered: AnyHandler = (message, context) => handler(message, context);
    this.#handlers.set(messageClass, registered);
    return () => {
      if (this.#handlers.get(messageClass) === registered) this.#handlers.delete(messageClass);
    };
  }

  /** Validates a message and runs its handler. Errors: `not-handled`, `canceled`, `invalid-message`, and what the handler throws, given to `wrap`. */
  async dispatch(message: MessageBase, options: SendOptions | undefined, wrap: (error: unknown) => unknown): Promise<unknown> {
    const messageClass = classOf(message);
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await turn;
    if (options?.signal?.aborted === true) throw new Canceled(messageClass.type, options.signal.reason);
    const handler = this.#handlers.get(messageClass);
    if (handler === undefined) throw new NotHandled(messageClass.type, this.handledTypes());
    validate(message);
    try {
      return await handler(message as never, new DirectContext(message, options?.signal));
    } catch (error) {
      throw wrap(error);
    }
  }

  handledTypes(): readonly string[] {
    return [...this.#handlers.keys()].map((messageClass) => (messageClass as MessageClass).type).toSorted();
  }
}
