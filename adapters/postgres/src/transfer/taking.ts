import type { PoolClient } from "pg";
import type { Names } from "../schema/names.ts";

/** Where something is taken in: inside a transaction that holds the lock of the log. */
export interface TakingPlace {
  readonly client: PoolClient;
  readonly names: Names;
  /** What errors call the store. */
  readonly store: string;
}
