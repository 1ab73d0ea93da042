import type { ListingPlan, Scalar } from "@reactive-domain/messaging";
import type { MaybePromise } from "../adapter/driver.ts";
import type { ProjectionDriver } from "../projections/projection-driver.ts";
import type { ExpectedItemVersion } from "./read-model-repository.ts";
import type { ReadModelRow, ReadModelShape } from "./read-model-row.ts";

/** What came of a change: its version, or the version of the item that is there instead (`null`: there is none), and nothing was done. */
export type ChangeOutcome = { readonly version: number } | { readonly actual: number | null };

/** What came of a deletion. */
export type DeleteOutcome = { readonly existed: boolean } | { readonly actual: number | null };

/** What a plan finds: at most `size` + 1 items, in the plan's order, and how many there are where that is wanted. */
export interface FoundItems {
  readonly found: readonly string[];
  readonly total?: number | undefined;
}

/** The items of one definition, as an adapter keeps them. Arguments were checked. */
export interface ReadModelTable {
  get(key: readonly Scalar[]): MaybePromise<{ readonly json: string; readonly version: number } | undefined>;
  put(row: ReadModelRow, expected: ExpectedItemVersion): MaybePromise<ChangeOutcome>;
  delete(key: readonly Scalar[], expected: ExpectedItemVersion): MaybePromise<DeleteOutcome>;
  find(plan: ListingPlan): MaybePromise<FoundItems>;
}

/** What keeps read models: the rest of the port is made of it by `createReadModels`. */
export interface ReadModelDriver<C = unknown> {
  /** What errors call it. */
  readonly name: string;
  readonly durability: string;
  /** Makes what is missing. Errors: `read-model-redefined`. */
  table(shape: ReadModelShape): MaybePromise<ReadModelTable>;
  discard(name: string, schemaVersion: number): MaybePromise<boolean>;
  readonly projections: ProjectionDriver<C>;
  close(): Promise<void>;
}
