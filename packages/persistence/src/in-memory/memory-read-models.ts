import { findFrom, type ListingPlan, type Scalar } from "@reactive-domain/messaging";
import { createReadModels } from "../read-models/create-read-models.ts";
import { isAsExpected } from "../read-models/is-as-expected.ts";
import type {
  ChangeOutcome,
  DeleteOutcome,
  FoundItems,
  ReadModelDriver,
  ReadModelRow,
  ReadModelShape,
  ReadModelTable,
} from "../read-models/read-model-driver.ts";
import type { ExpectedItemVersion, ReadModels } from "../read-models/read-model-repository.ts";
import { refuseOtherShape, shapeText } from "../read-models/shape-text.ts";

/** Read models that live as long as they are referred to: for tests and trying things out, and where a read model is filled anew at every start. */
export function createInMemoryReadModels(): ReadModels {
  return createReadModels(new MemoryReadModels());
}

/** The keeper of read models as maps, and the example for whoever writes the next one. What decides and changes happens between two awaits. */
class MemoryReadModels implements ReadModelDriver {
  readonly name = "In-memory read models";
  readonly durability = "none: they live as long as their process";
  readonly #tables = new Map<string, MemoryTable>();

  table(shape: ReadModelShape): ReadModelTable {
    const name = `${shape.name} ${shape.schemaVersion}`;
    const known = this.#tables.get(name);
    if (known !== undefined) {
      refuseOtherShape(shape, known.shape, this.name);
      return known;
    }
    const table = new MemoryTable(shape);
    this.#tables.set(name, table);
    return table;
  }

  discard(name: string, schemaVersion: number): boolean {
    return this.#tables.delete(`${name} ${schemaVersion}`);
  }

  async close(): Promise<void> {
    this.#tables.clear();
  }
}

interface MemoryItem {
  readonly json: string;
  readonly version: number;
  /** What its fields hold. */
  readonly values: ReadModelRow["values"];
}

class MemoryTable implements ReadModelTable {
  readonly shape: string;
  readonly #listing: ReadModelShape["listing"];
  readonly #items = new Map<string, MemoryItem>();
  #lastVersion = 0;

  constructor(shape: ReadModelShape) {
    this.shape = shapeText(shape);
    this.#listing = shape.listing;
  }

  get(key: readonly Scalar[]): MemoryItem | undefined {
    return this.#items.get(textOf(key));
  }

  put({ key, values, json }: ReadModelRow, expected: ExpectedItemVersion): ChangeOutcome {
    const actual = this.#versionOf(key);
    if (!isAsExpected(actual, expected)) return { actual };
    const version = ++this.#lastVersion;
    this.#items.set(textOf(key), { json, version, values });
    return { version };
  }

  delete(key: readonly Scalar[], expected: ExpectedItemVersion): DeleteOutcome {
    const actual = this.#versionOf(key);
    if (!isAsExpected(actual, expected)) return { actual };
    return { existed: this.#items.delete(textOf(key)) };
  }

  find(plan: ListingPlan): FoundItems {
    const jsonOf = new Map([...this.#items.values()].map(({ values, json }) => [values, json]));
    const { found, total } = findFrom(jsonOf.keys(), plan, this.#listing);
    return { found: found.map((values) => jsonOf.get(values) ?? ""), total };
  }

  #versionOf(key: readonly Scalar[]): number | null {
    return this.get(key)?.version ?? null;
  }
}

function textOf(key: readonly Scalar[]): string {
  return JSON.stringify(key);
}
