import { InvalidArgument } from "@reactive-domain/core";
import { type EventBase, type MessageClass } from "@reactive-domain/messaging";
import { EventRouter } from "./event-router.ts";

/** What an entity needs of the root that it belongs to. */
export interface EntityRoot {
  raise(event: EventBase): void;
}

/** What only the root's collection of its entities knows. */
export interface EntityParts {
  readonly router: EventRouter;
  readonly idField: string;
  root: EntityRoot | undefined;
}

/** Any child entity: which field holds the id of its events is its own business. */
export interface Entity {
  readonly id: string;
}

let partsOf: (entity: Entity) => EntityParts;

/**
 * Something with an identity of its own within an aggregate: a line of an order, a seat of a hall. Its events lie in the root's stream; of these, it folds those that
 * carry its id in the field `F`. The root makes it, by {@link Entities}.
 *
 * @example
 * class Seat extends ChildEntity<"seatId"> {
 *   #guest: string | undefined;
 *   constructor(id: string) {
 *     super(id, "seatId");
 *     this.register(SeatReserved, (event) => { this.#guest = event.guest; });
 *   }
 *   reserve(guest: string): void {
 *     if (this.#guest !== undefined) throw new SeatTaken(this.id);
 *     this.raise(new SeatReserved({ seatId: this.id, guest }));
 *   }
 * }
 */
export abstract class ChildEntity<F extends string> implements Entity {
  static {
    partsOf = (entity) => {
      if (#parts in entity) return entity.#parts;
      throw new InvalidArgument("entityClass", "a class that extends ChildEntity", entity.constructor);
    };
  }

  readonly id: string;
  readonly #parts: EntityParts;

  /** `idField`: the field of its events that holds its id. Errors: `invalid-argument` for a blank id or field. */
  constructor(id: string, idField: F) {
    if (typeof id !== "string" || id.trim() === "") throw new InvalidArgument(`The id of ${new.target.name}`, "text that is not blank", id);
    if (typeof idField !== "string" || idField.trim() === "")
      throw new InvalidArgument(`The id field of ${new.target.name}`, "the name of a field", idField);
    this.id = id;
    this.#parts = { router: new EventRouter(), idField, root: undefined };
  }

  /** Registers how an event of this entity, raised or read, changes its state. Errors: `invalid-argument` for a second route of one class. */
  protected register<E extends EventBase & Readonly<Record<F, string>>>(eventClass: MessageClass<E>, route: (event: E) => void): void {
    this.#parts.router.register(eventClass, route);
  }

  /** Records, on the root's stream, that something has happened. Errors as of the root's `raise`; `invalid-argument` for an event with another entity's id. */
  protected raise(event: EventBase & Readonly<Record<F, string>>): void {
    const { idField, root } = this.#parts;
    const name = `${this.constructor.name} ${this.id}`;
    if (root === undefined) throw new InvalidArgument(`The root of ${name}`, "an aggregate", undefined, "Let a route of the root add it.");
    const id: unknown = Reflect.get(event, idField);
    if (id !== this.id) throw new InvalidArgument(`The ${idField} of an event of ${name}`, `"${this.id}"`, id);
    root.raise(event);
  }
}

/** Errors: `invalid-argument` for what is no child entity. */
export function entityParts(entity: Entity): EntityParts {
  return partsOf(entity);
}
