import { classOf, type EventBase } from "@reactive-domain/messaging";

/**
 * Which place the route of a class has, for all that registered the same classes in the same order, as the instances of one aggregate class do: what was found out
 * for one of them holds for the others. Classes are known by their prototypes, which is what an event tells soonest.
 */
export class RouteTable {
  static readonly empty: RouteTable = new RouteTable([]);

  readonly #listed: readonly object[];
  /** The tables with one class more. */
  readonly #longer = new WeakMap<object, RouteTable>();
  /** The one that was asked for last, which mostly is the next one asked for. */
  #latest: RouteTable | undefined;
  /** The places of classes that derive from those listed, or -1. */
  readonly #derived = new WeakMap<object, number>();

  private constructor(listed: readonly object[]) {
    this.#listed = listed;
  }

  lists(prototype: object): boolean {
    return this.#listed.includes(prototype);
  }

  /** The table with another class behind the others. */
  with(prototype: object): RouteTable {
    const latest = this.#latest;
    if (latest !== undefined && latest.#listed.at(-1) === prototype) return latest;
    let longer = this.#longer.get(prototype);
    if (longer === undefined) {
      longer = new RouteTable([...this.#listed, prototype]);
      this.#longer.set(prototype, longer);
    }
    this.#latest = longer;
    return longer;
  }

  /** The place for an event; -1 where there is none. Errors: `invalid-argument` for what is no event. */
  placeOf(event: EventBase): number {
    const listed = this.#listed;
    const prototype: unknown = event === undefined || event === null ? undefined : Object.getPrototypeOf(event);
    // There are few of them: faster than a Map.
    for (let place = 0; place < listed.length; place++) if (listed[place] === prototype) return place;
    return this.placeOfClass(classOf(event).prototype);
  }

  /** The place of a class, or of the nearest one that it derives from; -1 where there is none. */
  placeOfClass(prototype: object): number {
    const place = this.#listed.indexOf(prototype);
    return place >= 0 ? place : this.#placeOfDerived(prototype);
  }

  #placeOfDerived(prototype: object): number {
    let place = this.#derived.get(prototype);
    if (place === undefined) {
      const above: unknown = Object.getPrototypeOf(prototype);
      place = typeof above === "object" && above !== null ? this.placeOfClass(above) : -1;
      this.#derived.set(prototype, place);
    }
    return place;
  }
}
