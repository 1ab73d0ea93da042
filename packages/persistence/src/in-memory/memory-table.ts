import { findFrom, type ListingPlan, type Scalar } from "@reactive-domain/messaging";
import { isAsExpected } from "../read-models/is-as-expected.ts";
import type { ChangeOutcome, DeleteOutcome, FoundItems, ReadModelTable } from "../read-models/read-model-driver.ts";
import type { ReadModelRow, ReadModelShape } from "../read-models/read-model-row.ts";
import type { ExpectedItemVersion } from "../read-models/read-model-repository.ts";
import { shapeText } from "../read-models/shape-text.ts";

interface MemoryItem {
  readonly json: string;
  readonly version: number;
  /** What its fields hold. */
  readonly values: ReadModelRow["values"];
}

/** The items of a read model as a map. What decides and changes happens between two awaits. */
export class MemoryTable implements ReadModelTable {
  readonly shape: string;
  readonly #listing: ReadModelShape["listing"];
  #items = new Map<string, MemoryItem>();
  #lastVersion = 0;

  constructor(shape: ReadModelShape) {
    this.shape = shapeText(shape);
    this.#listing = shape.listing;
  }

  get size(): number {
    return this.#items.size;
  }

  /** The JSON of all items, by the text of their keys. */
  get texts(): ReadonlyMap<string, string> {
    return new Map([...this.#items].map(([key, { json }]) => [key, json]));
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

  clear(): void {
    this.#items.clear();
  }

  /** Each has what the other had. No item gets a version that one of its key had in either. */
  exchange(other: MemoryTable): void {
    const last = Math.max(this.#lastVersion, other.#lastVersion);
    [this.#items, other.#items] = [risen(other.#items, last), risen(this.#items, last)];
    this.#lastVersion = other.#lastVersion = 2 * last;
  }

  #versionOf(key: readonly Scalar[]): number | null {
    return this.get(key)?.version ?? null;
  }
}

function risen(items: ReadonlyMap<string, MemoryItem>, by: number): Map<string, MemoryItem> {
  return new Map([...items].map(([key, item]) => [key, { json: item.json, values: item.values, version: item.version + by }]));
}

function textOf(key: readonly Scalar[]): string {
  return JSON.stringify(key);
}
