/** What a field that is filtered or sorted by holds. Dates are ISO text or milliseconds: both sort as time does. */
export type Scalar = string | number | boolean;

/** The fields of an item that can be filtered and sorted by: those that hold a scalar, or nothing. */
export type FieldOf<T> = Exclude<
  { [F in keyof T & string]-?: [NonNullable<T[F]>] extends [Scalar] ? F : never }[keyof T & string],
  "and" | "or" | "not"
>;

type Held<V> = undefined extends V ? Exclude<V, undefined> | null : V;

interface Equality<V> {
  /** `null` finds where there is nothing. */
  readonly eq?: V;
  /** The opposite of `eq`: also true where there is nothing, unless `null` is asked for. */
  readonly ne?: V;
  /** One of these. An empty list finds nothing. */
  readonly in?: readonly V[];
}

interface Range<V, N> extends Equality<V> {
  readonly lt?: N;
  readonly lte?: N;
  readonly gt?: N;
  readonly gte?: N;
}

interface TextMatch<V, N> extends Range<V, N> {
  /** Case counts. */
  readonly contains?: string;
  /** Case counts. */
  readonly startsWith?: string;
}

/** What a field's value has to fulfil: all of it, and at least one thing. A range or text is never found where there is nothing. */
export type FieldCondition<V> = [NonNullable<V>] extends [string]
  ? TextMatch<Held<V>, NonNullable<V>>
  : [NonNullable<V>] extends [number]
    ? Range<Held<V>, NonNullable<V>>
    : Equality<Held<V>>;

/**
 * Which items: those that fulfil the conditions of all fields, and the groups beside them. Every condition is either true or false, also where there is nothing, so that
 * `not` finds exactly the others.
 */
export type ListingFilter<T> = { readonly [F in FieldOf<T>]?: FieldCondition<T[F]> | undefined } & {
  /** All of these. */
  readonly and?: readonly ListingFilter<T>[] | undefined;
  /** At least one of these. An empty list finds nothing. */
  readonly or?: readonly ListingFilter<T>[] | undefined;
  readonly not?: ListingFilter<T> | undefined;
};

interface SortBy<N> {
  readonly by: N;
  /** Default `asc`. */
  readonly direction?: "asc" | "desc" | undefined;
}

/** Items without a value come first in ascending order. Text goes by code point, as in SQLite and in PostgreSQL's collation "C"; `false` comes before `true`. */
export type ListingSort<T> = SortBy<FieldOf<T>>;

/** Which part of what was found. */
export interface PageRequest {
  /** At most so many items: from 1. Default and maximum are the definition's: 50 and 1,000 where it says nothing. */
  readonly size?: number | undefined;
  /** Behind the page that gave this as its `next`. What is inserted or removed in between makes nothing be repeated or passed over. */
  readonly after?: string | undefined;
  /** Passes over so many items, from 0, in place of `after`. What is inserted meanwhile moves the pages. */
  readonly offset?: number | undefined;
  /** Whether to count all that the filter finds, which may take long. Default `false`. */
  readonly total?: boolean | undefined;
}

// Not of an item's type: what asks for less than a definition opens can be handed to it.
interface Asked<Filter, Sort> {
  /** Default: all. */
  readonly filter?: Filter | undefined;
  /** Default: by the key. Where it leaves open which comes first, the key decides. */
  readonly sort?: readonly Sort[] | undefined;
  readonly page?: PageRequest | undefined;
}

/** What is asked of a list of items: which, in which order, and how many at a time. Data that JSON carries, and SQL can be made of. */
export type Listing<T> = Asked<ListingFilter<T>, ListingSort<T>>;

/** A part of what was found. */
export interface Page<T> {
  readonly items: readonly T[];
  /** The `after` of the next page; absent on the last. It holds the sorted values of the last item, and is good for any filter in the same order. */
  readonly next?: string;
  /** How many the filter finds on all pages, where that was asked. */
  readonly total?: number;
}
