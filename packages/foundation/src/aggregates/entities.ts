import { InvalidArgument } from "@reactive-domain/core";
import { classOf, type EventBase } from "@reactive-domain/messaging";
import { entityParts, type Entity, type EntityRoot } from "./child-entity.ts";

/** A class of child entities: made from the id alone. */
export type EntityClass<T extends Entity> = new (id: string) => T;

/** The child entities of one kind under a root, by their ids. They come and go by routes of the root, like all of its state. */
export interface Entities<T extends Entity> extends Iterable<T> {
  readonly size: number;
  has(id: string): boolean;
  get(id: string): T | undefined;
  /** Makes an entity. For routes of the root. Errors: `invalid-argument` outside of a route, or where there is one with this id. */
  add(id: string): T;
  /** Takes an entity out: no event reaches it any more. For routes of the root. Errors: `invalid-argument` outside of a route, or where there is none. */
  remove(id: string): void;
}

/** What the entities of a root need of it. */
export interface EntityOwner extends EntityRoot {
  isFolding(): boolean;
}

export class EntityMap<T extends Entity> implements Entities<T> {
  readonly #class: EntityClass<T>;
  readonly #owner: EntityOwner;
  readonly #byId = new Map<string, T>();
  /** One that belongs to nobody, and tells what the others route. */
  #sample: T | undefined;

  constructor(entityClass: EntityClass<T>, owner: EntityOwner) {
    if (typeof entityClass !== "function") throw new InvalidArgument("entityClass", "a class that extends ChildEntity", entityClass);
    this.#class = entityClass;
    this.#owner = owner;
  }

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  add(id: string): T {
    this.#refuseOutside("added");
    if (this.#byId.has(id)) throw new InvalidArgument(`The number of ${this.#class.name} with the id ${id}`, "0 before it is added", 1);
    const entity = new this.#class(id);
    entityParts(entity).root = this.#owner;
    this.#byId.set(id, entity);
    return entity;
  }

  remove(id: string): void {
    this.#refuseOutside("removed");
    if (!this.#byId.delete(id))
      throw new InvalidArgument(`The number of ${this.#class.name} with the id ${id}`, "1 before it is removed", 0);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#byId.values();
  }

  /** Whether entities of this kind have a route for a class of events. */
  routes(eventClass: unknown): boolean {
    return entityParts((this.#sample ??= new this.#class("sample"))).router.has(eventClass);
  }

  /** Brings an event to the one that it is of, if it is here. */
  route(event: EventBase): void {
    if (this.#byId.size === 0 || !this.routes(classOf(event))) return;
    const { idField } = entityParts(this.#sample as T);
    const entity = this.#byId.get(Reflect.get(event, idField) as string);
    if (entity !== undefined) entityParts(entity).router.route(event);
  }

  #refuseOutside(what: string): void {
    if (this.#owner.isFolding()) return;
    throw new InvalidArgument(
      `Where a ${this.#class.name} is ${what}`,
      "a route of its root",
      "a method",
      "Raise an event, and do it in its route.",
    );
  }
}
