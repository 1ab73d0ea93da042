import type { EventBase, MessageClass } from "@reactive-domain/messaging";

/** What is to be done with events of a class, and of those that derive from it. */
interface ClassRoute {
  readonly eventClass: MessageClass<EventBase>;
}

/** Routes in the order in which they were added, found by the class of an event. */
export class ClassRoutes<R extends ClassRoute> {
  readonly all: readonly R[];
  readonly #byClass = new Map<unknown, readonly R[]>();

  constructor(all: readonly R[]) {
    this.all = all;
  }

  get classes(): readonly MessageClass<EventBase>[] {
    return this.all.map(({ eventClass }) => eventClass);
  }

  of(event: EventBase): readonly R[] {
    let routes = this.#byClass.get(event.constructor);
    if (routes === undefined) {
      routes = this.all.filter(({ eventClass }) => event instanceof eventClass);
      this.#byClass.set(event.constructor, routes);
    }
    return routes;
  }
}
