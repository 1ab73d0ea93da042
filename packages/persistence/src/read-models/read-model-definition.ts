import type { JsonObject } from "@reactive-domain/core";
import type { FieldTypes, ItemOf, ListingDefinition, RowOf, Scalar } from "@reactive-domain/messaging";

/** What the fields of items hold, and that those of the key always hold something. */
export type KeyedItem<F extends FieldTypes, K extends string> = ItemOf<F> & { readonly [N in K]: NonNullable<RowOf<F>[N]> };

/** An item of which nothing more is said: it has the fields of the listing, and whatever else JSON keeps. */
export type AnyItem<F extends FieldTypes, K extends string> = KeyedItem<F, K> & JsonObject;

/** What an item is found by: the value of the one field of its key, or an object of its several fields. */
export type ReadModelKey<F extends FieldTypes, K extends string> = string extends K
  ? Scalar | Readonly<Record<string, Scalar>>
  : [K] extends [OneOf<K>]
    ? NonNullable<RowOf<F>[K]>
    : { readonly [N in K]: NonNullable<RowOf<F>[N]> };

/** `never` for a union. */
type OneOf<K> = (K extends unknown ? (one: K) => void : never) extends (one: infer I) => void ? I : never;

export interface ReadModelOptions<F extends FieldTypes, K extends string> {
  /** The key of the items, and what may be asked of them. It is the schema of the queries, too. */
  readonly listing: ListingDefinition<F, K>;
  /** Fields that are often filtered and sorted by, list by list: each becomes an index, with the key behind its fields. The key has one. Default: none. */
  readonly indexes?: readonly (readonly (keyof F & string)[])[];
  /** Counted up when items are made otherwise than before: from 1 to 999,999. What was kept under another one stays apart. Default 1. */
  readonly schemaVersion?: number;
}

/** What is kept of a read model: under which name, by which key, and what may be asked of it. */
export interface ReadModelDefinition<F extends FieldTypes = FieldTypes, K extends string = string, T extends object = AnyItem<F, K>> {
  readonly name: string;
  readonly schemaVersion: number;
  readonly listing: ListingDefinition<F, K>;
  /** Field lists, without the key. */
  readonly indexes: readonly (readonly string[])[];
  /** The same, of items whose type is known to the compiler: `defineReadModels(…).holding<AccountView>()`. */
  holding<U extends KeyedItem<F, K>>(): ReadModelDefinition<F, K, U>;
  /** Not a value: it carries the type of the items. */
  readonly item?: T;
}
