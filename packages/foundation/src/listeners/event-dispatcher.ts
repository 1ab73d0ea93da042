import { InvalidArgument } from "@reactive-domain/core";
import { classOf, type EventBase, type MessageClass } from "@reactive-domain/messaging";
import type { EventContext } from "./event-context.ts";

/** Handles events of one class in a read model. A promise that it returns is awaited; any other value is passed over. */
export type ReadModelHandler<E extends EventBase> = (event: E, context: EventContext) => unknown;

/** A handler of any event, as models keep it. */
export type AnyHandler<C = EventContext> = (event: never, context: C) => unknown;

/** Brings an event to the handlers of its class and of the classes that it derives from, in the order of registration. */
export class EventDispatcher<C = EventContext> {
  readonly #registered: { readonly eventClass: MessageClass<EventBase>; readonly handler: AnyHandler<C> }[] = [];
  readonly #routes = new Map<unknown, readonly AnyHandler<C>[]>();

  /** Errors: `invalid-argument`. */
  register<E extends EventBase>(eventClass: MessageClass<E>, handler: (event: E, context: C) => unknown): void {
    if (typeof eventClass !== "function") throw new InvalidArgument("eventClass", "a class made by Event", eventClass);
    if (typeof handler !== "function") throw new InvalidArgument(`The handler of ${eventClass.type}`, "a function", handler);
    this.#registered.push({ eventClass, handler });
    this.#routes.clear();
  }

  /** The classes that have handlers. */
  get eventClasses(): readonly MessageClass<EventBase>[] {
    return this.#registered.map(({ eventClass }) => eventClass);
  }

  handlersOf(event: EventBase): readonly AnyHandler<C>[] {
    const eventClass = classOf(event);
    let handlers = this.#routes.get(eventClass);
    if (handlers === undefined) {
      handlers = this.#registered.filter((one) => event instanceof one.eventClass).map(({ handler }) => handler);
      this.#routes.set(eventClass, handlers);
    }
    return handlers;
  }
}
