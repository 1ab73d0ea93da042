import { InvalidArgument } from "@reactive-domain/core";
import { classOf, type EventBase, type MessageClass } from "@reactive-domain/messaging";

type AnyRoute = (event: never) => void;

const passOver = (): void => undefined;

/** Brings an event to the route of its class, or of the nearest class that it derives from. */
export class EventRouter {
  readonly #routes = new Map<unknown, AnyRoute>();

  /** Errors: `invalid-argument` without a class or a route, or for a second route of a class. */
  register<E extends EventBase>(eventClass: MessageClass<E>, route: (event: E) => void): void {
    if (typeof eventClass !== "function") throw new InvalidArgument("eventClass", "a class made by Event", eventClass);
    if (typeof route !== "function") throw new InvalidArgument(`The route of ${eventClass.type}`, "a function", route);
    if (this.#routes.has(eventClass)) throw new InvalidArgument(`The route of ${eventClass.type}`, "registered once", "registered before");
    this.#routes.set(eventClass, route);
  }

  /** Registers a route that does nothing. Errors as of {@link register}. */
  passThrough(eventClass: MessageClass<EventBase>): void {
    this.register(eventClass, passOver);
  }

  has(eventClass: unknown): boolean {
    return this.#routeOf(eventClass) !== undefined;
  }

  /** Runs the route once; an event without one passes. */
  route(event: EventBase): void {
    this.#routeOf(classOf(event))?.(event as never);
  }

  #routeOf(eventClass: unknown): AnyRoute | undefined {
    for (let one: unknown = eventClass; typeof one === "function"; one = Object.getPrototypeOf(one)) {
      const route = this.#routes.get(one);
      if (route !== undefined) return route;
    }
    return undefined;
  }
}
