import { InvalidArgument } from "@reactive-domain/core";
import { isThenable, type EventBase, type FieldTypes, type MessageClass } from "@reactive-domain/messaging";
import type { OwnDocuments, ReadModelDefinition, ReadModelKey } from "@reactive-domain/persistence";
import type { EventContext } from "../listeners/event-context.ts";
import { checkItemKey, keyIn, textOfKey, type Listing } from "./item-key.ts";
import { ClassRoutes } from "./class-routes.ts";
import { checkedOptions, checkRoute, type Projection, type ProjectionOptions } from "./projection.ts";
import type { DocumentTask } from "./task.ts";

/** Tells which items an event changes: the key of one, keys of several, or nothing. */
export type KeyOf<E, K> = (event: E, context: EventContext) => K | readonly K[] | undefined;

/** Makes the new item of an event and the item that is there; nothing: there is to be none. It may change the item that it is given. */
export type Fold<E, T> = (item: T | undefined, event: E, context: EventContext) => T | undefined;

interface Route {
  readonly eventClass: MessageClass<EventBase>;
  readonly keyOf: (event: never, context: EventContext) => unknown;
  readonly fold: (item: never, event: never, context: EventContext) => unknown;
}

/** A projection to items of a read model: one definition for memory, SQLite and PostgreSQL. Each `on` gives a new one. */
export class DocumentProjection<T extends object, K> implements Projection {
  readonly name: string;
  readonly version: number;
  readonly source: ProjectionOptions["source"];
  readonly onCommitted: ProjectionOptions["onCommitted"];
  readonly shape: OwnDocuments;
  readonly forget = undefined;
  readonly #options: ProjectionOptions;
  readonly #routes: ClassRoutes<Route>;

  constructor(shape: OwnDocuments["shape"], options: ProjectionOptions, routes: readonly Route[]) {
    const { version, source, onCommitted } = checkedOptions(options);
    this.name = shape.name;
    this.version = version;
    this.source = source;
    this.onCommitted = onCommitted;
    this.shape = { kind: "documents", shape };
    this.#options = options;
    this.#routes = new ClassRoutes(routes);
  }

  get eventClasses(): readonly MessageClass<EventBase>[] {
    return this.#routes.classes;
  }

  /**
   * Handles events of a class, and of those that derive from it: `keyOf` tells which items they change, `fold` makes each of them anew. Several of one event are asked in the
   * order in which they were added.
   *
   * Errors: `invalid-argument`.
   */
  on<E extends EventBase>(eventClass: MessageClass<E>, keyOf: KeyOf<E, K>, fold: Fold<E, T>): DocumentProjection<T, K> {
    checkRoute(eventClass, { keyOf, fold });
    return new DocumentProjection<T, K>(this.shape.shape, this.#options, [...this.#routes.all, { eventClass, keyOf, fold }]);
  }

  tasksOf(event: EventBase, context: EventContext): readonly DocumentTask[] {
    const tasks: DocumentTask[] = [];
    for (const { keyOf, fold } of this.#routes.of(event)) {
      const keys: unknown = keyOf(event as never, context);
      if (keys === undefined || keys === null) continue;
      for (const itemKey of Array.isArray(keys) ? keys : [keys])
        tasks.push(new FoldTask(itemKey, this.shape.shape.listing, { event, context, fold }));
    }
    return tasks;
  }
}

/** One item that an event changes; without a closure, as there is one for every event. */
class FoldTask implements DocumentTask {
  readonly kind = "documents";
  readonly key: string;
  readonly itemKey: unknown;
  readonly event: EventBase;
  readonly context: EventContext;
  readonly #fold: Route["fold"];
  readonly #listing: Listing;

  constructor(itemKey: unknown, listing: Listing, { event, context, fold }: Pick<DocumentTask, "event" | "context"> & Pick<Route, "fold">) {
    checkItemKey(itemKey, listing);
    this.key = textOfKey(itemKey, listing);
    this.itemKey = itemKey;
    this.event = event;
    this.context = context;
    this.#fold = fold;
    this.#listing = listing;
  }

  fold(item: object | undefined): object | undefined {
    const made = foldOf(this.#fold(item as never, this.event as never, this.context));
    if (made !== undefined) this.#refuseOther(made);
    return made;
  }

  /** An item of another key would be put in the place of one that this event was not folded into. */
  #refuseOther(made: object): void {
    const key = textOfKey(keyIn(made, this.#listing), this.#listing);
    if (key !== this.key) throw new InvalidArgument("What a fold makes", `the item of the key that was told, ${this.key}`, key);
  }
}

/** Errors: `invalid-argument` for what is neither an object nor nothing, and for a promise. */
function foldOf(made: unknown): object | undefined {
  if (isThenable(made)) throw new InvalidArgument("What a fold makes", "an item or undefined, at once", "a promise");
  if (made === undefined || made === null) return undefined;
  if (typeof made !== "object") throw new InvalidArgument("What a fold makes", "an item or undefined", made);
  return made;
}

/**
 * Begins a projection to the items of a read model: say by {@link DocumentProjection.on} what becomes of them. Its name is the read model's. The items are looked at by the
 * read model's repository, which nobody else may write.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * export const balances = projectDocuments(balanceItems)
 *   .on(AccountOpened, (event) => event.accountId, (_, { accountId, owner }) => ({ accountId, owner, balance: 0 }))
 *   .on(AmountDeposited, (event) => event.accountId, (item, { amount }) => item && { ...item, balance: item.balance + amount });
 */
export function projectDocuments<F extends FieldTypes, N extends string, T extends object>(
  definition: ReadModelDefinition<F, N, T>,
  options: ProjectionOptions = {},
): DocumentProjection<T, ReadModelKey<F, N>> {
  if (typeof definition !== "object" || definition === null || !("schemaVersion" in definition))
    throw new InvalidArgument("definition", "what defineReadModels gives", definition);
  return new DocumentProjection<T, ReadModelKey<F, N>>(definition, options, []);
}
