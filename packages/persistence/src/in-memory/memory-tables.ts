import type { ReadModelShape } from "../read-models/read-model-row.ts";
import { refuseOtherShape } from "../read-models/shape-text.ts";
import { MemoryTable } from "./memory-table.ts";

/** The tables that repositories look into, by the name and schema version of their read model. */
export class MemoryTables {
  readonly #where: string;
  readonly #tables = new Map<string, MemoryTable>();

  constructor(where: string) {
    this.#where = where;
  }

  /** Errors: `read-model-redefined`. */
  table(shape: ReadModelShape): MemoryTable {
    const name = nameOf(shape);
    const known = this.#tables.get(name);
    if (known !== undefined) {
      refuseOtherShape(shape, known.shape, this.#where);
      return known;
    }
    const table = new MemoryTable(shape);
    this.#tables.set(name, table);
    return table;
  }

  discard(name: string, schemaVersion: number): boolean {
    return this.#tables.delete(nameOf({ name, schemaVersion }));
  }

  /** Discards the table of a read model where it is this one. */
  discardOf({ shape, table }: { readonly shape: ReadModelShape; readonly table: MemoryTable }): void {
    if (this.#tables.get(nameOf(shape)) === table) this.discard(shape.name, shape.schemaVersion);
  }

  clear(): void {
    this.#tables.clear();
  }
}

function nameOf({ name, schemaVersion }: Pick<ReadModelShape, "name" | "schemaVersion">): string {
  return `${name} ${schemaVersion}`;
}
