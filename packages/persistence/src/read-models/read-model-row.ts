import type { Scalar } from "@reactive-domain/messaging";
import type { ReadModelDefinition } from "./read-model-definition.ts";

/** What a table is made for. */
export type ReadModelShape = Pick<ReadModelDefinition, "name" | "schemaVersion" | "listing" | "indexes">;

/** An item that was checked: as JSON, and what its fields hold. */
export interface ReadModelRow {
  /** In the order of the definition's key. */
  readonly key: readonly Scalar[];
  /** Of all fields; the key's are among them. */
  readonly values: Readonly<Record<string, Scalar | null>>;
  readonly json: string;
}
