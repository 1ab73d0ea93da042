import { AlreadyHandled, NotHandled } from "../errors.ts";
import type { MessageClass } from "../message-types.ts";
import type { MessageBase } from "../message.ts";
import { callSite } from "./call-site.ts";
import type { MessageContext } from "./message-context.ts";
import { nearNames } from "./near-names.ts";

/** Ends a registration; calling it again does nothing. */
export type Unsubscribe = () => void;

export type AnyHandler = (message: never, context: MessageContext) => unknown;

/** A handler, and where it was registered. */
export interface Registered {
  readonly messageClass: MessageClass;
  readonly handler: AnyHandler;
  readonly site: string;
}

/** The one handler of each class, exactly. What command bus and query bus have in common. */
export class HandlerRegistry {
  readonly #handlers = new Map<unknown, Registered>();

  /** Errors: `already-handled`. */
  add<M extends MessageBase>(messageClass: MessageClass<M>, handler: (message: M, context: MessageContext) => unknown): Unsubscribe {
    const site = callSite();
    const known = this.#handlers.get(messageClass);
    if (known !== undefined) throw new AlreadyHandled(messageClass.type, known.site, site);
    const registered: Registered = { messageClass, handler, site };
    this.#handlers.set(messageClass, registered);
    return () => {
      if (this.#handlers.get(messageClass) === registered) this.#handlers.delete(messageClass);
    };
  }

  find(messageClass: unknown): Registered | undefined {
    return this.#handlers.get(messageClass);
  }

  /** The error for a class without a handler. */
  notHandled(type: string): NotHandled {
    const types = this.types();
    return new NotHandled(type, types, nearNames(type, types));
  }

  /** In alphabetical order. */
  types(): readonly string[] {
    return [...this.#handlers.values()].map(({ messageClass }) => messageClass.type).toSorted();
  }
}
