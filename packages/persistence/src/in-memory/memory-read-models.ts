import { createReadModels } from "../read-models/create-read-models.ts";
import { currentRuntime } from "@reactive-domain/core";
import type { ReadModelDriver, ReadModelTable } from "../read-models/read-model-driver.ts";
import type { ReadModelShape } from "../read-models/read-model-row.ts";
import type { ReadModels } from "../read-models/read-model-repository.ts";
import { MemoryProjections } from "./memory-projections.ts";
import { MemoryTables } from "./memory-tables.ts";

/** Read models that live as long as they are referred to: for tests and trying things out, and where a read model is filled anew at every start. */
export function createInMemoryReadModels(): ReadModels {
  return createReadModels(new MemoryReadModels());
}

/** The keeper of read models as maps, and the example for whoever writes the next one. */
class MemoryReadModels implements ReadModelDriver<never> {
  readonly name = "In-memory read models";
  readonly durability = "none: they live as long as their process";
  readonly #tables = new MemoryTables(this.name);
  readonly projections = new MemoryProjections(this.name, this.#tables, currentRuntime());

  table(shape: ReadModelShape): ReadModelTable {
    return this.#tables.table(shape);
  }

  discard(name: string, schemaVersion: number): boolean {
    this.projections.refuseUse(name, schemaVersion);
    return this.#tables.discard(name, schemaVersion);
  }

  async close(): Promise<void> {
    this.#tables.clear();
  }
}
