import { InvalidArgument } from "@reactive-domain/core";
import type { EventBase, MessageClass } from "@reactive-domain/messaging";
import { RouteTable } from "./route-table.ts";

type AnyRoute = (event: never) => void;

const passOver = (): void => undefined;

/** Brings an event to the route of its class, or of the nearest class that it derives from. */
export class EventRouter {
  #table = RouteTable.empty;
  /** By their places in the table. */
  readonly #routes: AnyRoute[] = [];

  /** Errors: `invalid-argument` without a class or a route, or for a second route of a class. */
  register<E extends EventBase>(eventClass: MessageClass<E>, route: (event: E) => void): void {
    if (typeof eventClass !== "function" || typeof eventClass.prototype !== "object")
      throw new InvalidArgument("eventClass", "a class made by Event", eventClass);
    if (typeof route !== "function") throw new InvalidArgument(`The route of ${eventClass.type}`, "a function", route);
    if (this.#table.lists(eventClass.prototype))
      throw new InvalidArgument(`The route of ${eventClass.type}`, "registered once", "registered before");
    this.#table = this.#table.with(eventClass.prototype);
    this.#routes.push(route);
  }

  /** Registers a route that does nothing. Errors as of {@link register}. */
  passThrough(eventClass: MessageClass<EventBase>): void {
    this.register(eventClass, passOver);
  }

  has(eventClass: unknown): boolean {
    return typeof eventClass === "function" && this.#table.placeOfClass(eventClass.prototype as object) >= 0;
  }

  /** Runs the route once; an event without one passes. Errors: `invalid-argument` for what is no event. */
  route(event: EventBase): void {
    const place = this.#table.placeOf(event);
    if (place >= 0) (this.#routes[place] as AnyRoute)(event as never);
  }
}
