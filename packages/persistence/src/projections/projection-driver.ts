import type { Scalar } from "@reactive-domain/messaging";
import type { MaybePromise } from "../adapter/driver.ts";
import type { Fence } from "../lease.ts";
import type { ReadModelRow, ReadModelShape } from "../read-models/read-model-row.ts";
import type { ProjectionEntry, ProjectionRecord } from "./projection-record.ts";
import type {
  Acquisition,
  EntriesOptions,
  GenerationComparison,
  GenerationPair,
  GenerationRef,
  ProjectionAmendment,
  ProjectionChange,
  ProjectionCommit,
  ProjectionMaking,
  ReplayEntriesOptions,
  WorkerRequest,
} from "./projection-store.ts";

/** Items as rows, and the keys of those to be removed. Empty for projections of tables. */
export interface RowChanges {
  readonly puts: readonly ReadModelRow[];
  readonly deletes: readonly (readonly Scalar[])[];
}

export type DriverCommit<C> = Omit<ProjectionCommit<C>, "documents"> & RowChanges;
export type DriverAmendment<C> = Omit<ProjectionAmendment<C>, "documents"> & RowChanges;
export type EntriesRequest = Omit<EntriesOptions, "signal" | "context"> & { readonly limit: number };
export type ReplayEntriesRequest = Omit<ReplayEntriesOptions, "signal" | "context">;

/**
 * What keeps projections, as an adapter does it: the port's {@link ProjectionStore} is made of it, by way of `createReadModels`. Arguments were checked; waiting for an aborted
 * caller is not its affair.
 */
export interface ProjectionDriver<C> {
  list(): MaybePromise<readonly ProjectionRecord[]>;
  find(name: string): MaybePromise<ProjectionRecord | undefined>;
  define(making: ProjectionMaking<C>): MaybePromise<ProjectionRecord>;
  build(making: ProjectionMaking<C>): MaybePromise<ProjectionRecord>;
  remove(name: string): MaybePromise<boolean>;
  acquire(request: WorkerRequest): MaybePromise<Acquisition>;
  renew(request: WorkerRequest & { readonly fence: Fence }): MaybePromise<ProjectionRecord | undefined>;
  release(request: GenerationRef & { readonly fence: Fence }): MaybePromise<void>;
  commit(commit: DriverCommit<C>): MaybePromise<void>;
  documents(
    ref: GenerationRef,
    wanted: { readonly shape: ReadModelShape; readonly keys: readonly (readonly Scalar[])[] },
  ): MaybePromise<readonly (string | undefined)[]>;
  entries(ref: GenerationRef, request: EntriesRequest): MaybePromise<readonly ProjectionEntry[]>;
  replay(name: string, request: ReplayEntriesRequest): MaybePromise<number>;
  change(name: string, change: ProjectionChange): MaybePromise<ProjectionRecord>;
  amend(amendment: DriverAmendment<C>): MaybePromise<void>;
  compare(name: string, pair: Required<GenerationPair>): MaybePromise<GenerationComparison>;
}
