import { AlreadyHandled, NotHandled } from "../errors.ts";
import type { MessageClass } from "../message-types.ts";
import type { MessageBase } from "../message.ts";
import { compose } from "../middleware/compose.ts";
import type { HandlerFacts, Middleware } from "../middleware/middleware.ts";
import { callSite } from "./call-site.ts";
import type { AnyHandler, Unsubscribe } from "./handler.ts";
import type { MessageContext } from "./message-context.ts";
import { nearNames } from "./near-names.ts";

/** What a bus runs for a class. */
export interface Registered {
  /** The handler, with the steps around it. */
  readonly run: AnyHandler;
  readonly facts: HandlerFacts;
}

export function factsOf(type: string, handler: AnyHandler): HandlerFacts {
  return { type, name: handler.name || "a handler without a name", site: callSite() };
}

/** The one handler of each class, exactly. What command bus and query bus have in common. */
export class HandlerRegistry {
  readonly #handlers = new Map<unknown, Registered>();
  readonly #steps: readonly Middleware<never>[];

  constructor(steps: readonly Middleware<never>[]) {
    this.#steps = steps;
  }

  /** Errors: `already-handled`. */
  add<M extends MessageBase>(messageClass: MessageClass<M>, handler: (message: M, context: MessageContext) => unknown): Unsubscribe {
    const facts = factsOf(messageClass.type, handler);
    const known = this.#handlers.get(messageClass);
    if (known !== undefined) throw new AlreadyHandled(messageClass.type, known.facts.site, facts.site);
    const registered: Registered = { run: compose(this.#steps, handler, facts), facts };
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

  /** In alphabetical order of their types. */
  handlers(): readonly HandlerFacts[] {
    return [...this.#handlers.values()].map(({ facts }) => facts).toSorted((one, other) => (one.type < other.type ? -1 : 1));
  }

  /** In alphabetical order. */
  types(): readonly string[] {
    return this.handlers().map(({ type }) => type);
  }
}
