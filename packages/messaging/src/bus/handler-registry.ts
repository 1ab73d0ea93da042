import { InvalidArgument } from "@reactive-domain/core";
import { BASES } from "../bases.ts";
import { derives } from "../derives.ts";
import { AlreadyHandled } from "../errors.ts";
import type { MessageClass } from "../message-types.ts";
import { compose } from "../middleware/compose.ts";
import type { HandlerFacts, Middleware } from "../middleware/middleware.ts";
import { isValidation } from "../middleware/validation.ts";
import type { BusKind } from "./bus-kind.ts";
import { callSite } from "./call-site.ts";
import type { AnyHandler, Unsubscribe } from "./handler.ts";

/** What a bus runs for a class. */
export interface Registered {
  /** The handler, with the steps around it. */
  readonly run: AnyHandler;
  readonly facts: HandlerFacts;
  /** Whether the message is held against its schema before the steps. */
  readonly validates: boolean;
}

const FACTORIES = { command: "Command", event: "Event", query: "Query" };
/** What stands for all types. */
const ALL = "*";

/** Errors: `invalid-argument` for a class of another kind than the bus takes, or a handler that is none. */
export function factsOf(kind: BusKind, messageClass: MessageClass, handler: AnyHandler): HandlerFacts {
  const base = BASES[kind];
  if (typeof messageClass !== "function" || !(messageClass === (base as unknown) || derives(messageClass, base)))
    throw new InvalidArgument("The class of a handler", `one made by ${FACTORIES[kind]}`, messageClass);
  const type = messageClass.type ?? ALL;
  if (typeof handler !== "function") throw new InvalidArgument(`The handler of ${type}`, "a function", handler);
  return { type, name: handler.name || "a handler without a name", site: callSite() };
}

/** The one handler of each class, exactly. What command bus and query bus have in common. */
export class HandlerRegistry {
  readonly #handlers = new Map<unknown, Registered>();
  readonly #kind: BusKind;
  readonly #steps: readonly Middleware<never>[];
  readonly #validates: boolean;

  constructor(kind: BusKind, steps: readonly Middleware<never>[]) {
    this.#kind = kind;
    this.#steps = steps;
    this.#validates = !steps.some(isValidation);
  }

  /** Errors: `already-handled`, `invalid-argument`. */
  add(messageClass: MessageClass, handler: AnyHandler): Unsubscribe {
    const facts = factsOf(this.#kind, messageClass, handler);
    if (messageClass === (BASES[this.#kind] as unknown))
      throw new InvalidArgument(
        "The class of a handler",
        `one made by ${FACTORIES[this.#kind]}, as each has its own handler`,
        messageClass,
      );
    const known = this.#handlers.get(messageClass);
    if (known !== undefined) throw new AlreadyHandled(messageClass.type, known.facts.site, facts.site);
    const registered: Registered = { run: compose(this.#steps, handler, facts), facts, validates: this.#validates };
    this.#handlers.set(messageClass, registered);
    return () => {
      if (this.#handlers.get(messageClass) === registered) this.#handlers.delete(messageClass);
    };
  }

  find(messageClass: unknown): Registered | undefined {
    return this.#handlers.get(messageClass);
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
