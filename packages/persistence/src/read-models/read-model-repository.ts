import type { FieldTypes, Listing, Page, RowOf } from "@reactive-domain/messaging";
import type { ProjectionStore } from "../projections/projection-store.ts";
import type { CallOptions } from "../read.ts";
import type { AnyItem, ReadModelDefinition, ReadModelKey } from "./read-model-definition.ts";

/** Whether an item must not exist yet (`none`), be at a version, or may be as it is (`any`). */
export type ExpectedItemVersion = "none" | "any" | number;

/** An item as it is kept. */
export interface KeptItem<T> {
  readonly item: T;
  /** A number from 1 that no other state of this item has or had, also where it was deleted and put again. */
  readonly version: number;
}

/** How an item is put or deleted. */
export interface ChangeOptions extends CallOptions {
  /** What the item must be for it to be done. Default `any`: whoever comes last has it. */
  readonly expectedVersion?: ExpectedItemVersion;
}

/**
 * Items of one definition, by key. What is handed out is the caller's own: it may be changed without anybody noticing. Each call is atomic, and what it acknowledges
 * is as durable as what keeps it.
 *
 * Errors of every call: `already-closed`, `store-unavailable`, `invalid-argument` for a key, an expected version or options that are not what they must be, and the
 * reason of the `signal`: a change that was under way may then have been made.
 */
export interface ReadModelRepository<
  T extends object = AnyItem<FieldTypes, string>,
  Key = ReadModelKey<FieldTypes, string>,
  F extends FieldTypes = FieldTypes,
> {
  readonly definition: Pick<ReadModelDefinition<F>, "name" | "schemaVersion" | "listing" | "indexes">;
  /** Whether what keeps the items was closed, so that every call is `already-closed`. */
  readonly isClosed: boolean;
  /** The item of a key, or `undefined`. */
  get(key: Key, options?: CallOptions): Promise<KeptItem<T> | undefined>;
  /**
   * Keeps an item in place of the one of its key, if there is one.
   *
   * Errors: `wrong-item-version`; `not-serializable` for what JSON would change; `invalid-argument` for fields that do not hold what the listing says, text in them that has NUL
   * or lone surrogates, and more than 2,000 bytes of text in the key or in an index.
   */
  put(item: T, options?: ChangeOptions): Promise<{ readonly version: number }>;
  /** Whether there was an item to delete. Errors: `wrong-item-version`. */
  delete(key: Key, options?: ChangeOptions): Promise<boolean>;
  /** A page of items, exactly as `listFrom` would give it of all of them. Errors: `invalid-message`. */
  query(listing: Listing<RowOf<F>>, options?: CallOptions): Promise<Page<T>>;
}

/** The repository of a definition: `RepositoryOf<typeof accountViews>`. */
export type RepositoryOf<D> =
  D extends ReadModelDefinition<infer F, infer K, infer T> ? ReadModelRepository<T, ReadModelKey<F, K>, F> : never;

/** Where items of read models are kept, and projections: `C` is the connection that the SQL of theirs gets. */
export interface ReadModels<C = unknown> extends AsyncDisposable {
  /** What an acknowledged change survives, read back from what keeps it. */
  readonly durability: string;
  /**
   * The items of a definition. Tables and indexes that are missing are made; an index on many items takes its time.
   *
   * Errors: `read-model-redefined` where the name and schema version are taken by other fields or another key; `already-closed`, `store-unavailable`, `foreign-store`.
   */
  repository<F extends FieldTypes, K extends string, T extends object>(
    definition: ReadModelDefinition<F, K, T>,
    options?: CallOptions,
  ): Promise<ReadModelRepository<T, ReadModelKey<F, K>, F>>;
  /** What projections keep here, in the same transactions as their checkpoints. */
  readonly projections: ProjectionStore<C>;
  /** Removes what is kept under a name and a schema version, of which nobody must have a repository any more. Tells whether there was anything. Errors: `foreign-store` for what a projection makes. */
  discard(name: string, schemaVersion: number, options?: CallOptions): Promise<boolean>;
  /** Lets go of what keeps the items, when calls that were made before have ended; later ones are `already-closed`. */
  close(): Promise<void>;
}
