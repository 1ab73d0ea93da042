import { checkKeys, currentRuntime, InvalidArgument } from "@reactive-domain/core";
import { pageOf, type FieldTypes, type Listing, type Page, type RowOf } from "@reactive-domain/messaging";
import { DrivenProjections } from "../projections/driven-projections.ts";
import type { ProjectionStore } from "../projections/projection-store.ts";
import type { CallOptions } from "../read.ts";
import { checkedItem, checkedKey, namedKey } from "./checked-item.ts";
import { checkedListing } from "./checked-listing.ts";
import { WrongItemVersion } from "./errors.ts";
import { OpenCalls } from "./open-calls.ts";
import type { ReadModelDefinition, ReadModelKey } from "./read-model-definition.ts";
import type { ReadModelDriver, ReadModelTable } from "./read-model-driver.ts";
import type { ReadModelShape } from "./read-model-row.ts";
import type { ChangeOptions, ExpectedItemVersion, KeptItem, ReadModelRepository, ReadModels } from "./read-model-repository.ts";

const CALL_OPTIONS = ["signal", "context"];
const CHANGE_OPTIONS = [...CALL_OPTIONS, "expectedVersion"];

/** Makes the whole port of a driver: checks, JSON, pages, waiting, closing. */
export function createReadModels<C>(driver: ReadModelDriver<C>): ReadModels<C> {
  return new DrivenReadModels(driver);
}

class DrivenReadModels<C> implements ReadModels<C> {
  readonly projections: ProjectionStore<C>;
  readonly #driver: ReadModelDriver<C>;
  readonly #calls: OpenCalls;
  #closing: Promise<void> | undefined;

  constructor(driver: ReadModelDriver<C>) {
    this.#driver = driver;
    this.#calls = new OpenCalls(driver.name, currentRuntime());
    this.projections = new DrivenProjections(driver.projections, this.#calls);
  }

  get durability(): string {
    return this.#driver.durability;
  }

  async repository<F extends FieldTypes, K extends string, T extends object>(
    definition: ReadModelDefinition<F, K, T>,
    options: CallOptions = {},
  ): Promise<ReadModelRepository<T, ReadModelKey<F, K>, F>> {
    if (typeof definition !== "object" || definition === null || !("schemaVersion" in definition))
      throw new InvalidArgument("definition", "what defineReadModels gives", definition);
    checkKeys("options of repository", options, CALL_OPTIONS);
    const table = await this.#calls.run(options, () => this.#driver.table(definition));
    return new DrivenRepository<F, K, T>(definition, table, this.#calls);
  }

  async discard(name: string, schemaVersion: number, options: CallOptions = {}): Promise<boolean> {
    if (typeof name !== "string" || name === "") throw new InvalidArgument("name", "the name of a read model", name);
    if (!Number.isSafeInteger(schemaVersion)) throw new InvalidArgument("schemaVersion", "an integer", schemaVersion);
    checkKeys("options of discard", options, CALL_OPTIONS);
    return this.#calls.run(options, () => this.#driver.discard(name, schemaVersion));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#calls.close();
    await this.#driver.close();
  }
}

class DrivenRepository<F extends FieldTypes, K extends string, T extends object> implements ReadModelRepository<T, ReadModelKey<F, K>, F> {
  readonly definition: ReadModelRepository<T, ReadModelKey<F, K>, F>["definition"];
  readonly #shape: ReadModelShape;
  readonly #table: ReadModelTable;
  readonly #calls: OpenCalls;

  constructor(definition: ReadModelDefinition<F, K, T>, table: ReadModelTable, calls: OpenCalls) {
    this.definition = definition;
    this.#shape = definition;
    this.#table = table;
    this.#calls = calls;
  }

  get isClosed(): boolean {
    return this.#calls.isClosed;
  }

  async get(key: ReadModelKey<F, K>, options: CallOptions = {}): Promise<KeptItem<T> | undefined> {
    checkKeys("options of get", options, CALL_OPTIONS);
    const own = checkedKey(key, this.#shape);
    const kept = await this.#calls.run(options, () => this.#table.get(own));
    return kept && { item: JSON.parse(kept.json) as T, version: kept.version };
  }

  async put(item: T, options: ChangeOptions = {}): Promise<{ readonly version: number }> {
    checkKeys("options of put", options, CHANGE_OPTIONS);
    const { expectedVersion: expected = "any" } = options;
    checkExpected(expected);
    const row = checkedItem(item, this.#shape);
    const outcome = await this.#calls.run(options, () => this.#table.put(row, expected));
    if ("actual" in outcome) throw this.#conflict(row.key, expected, outcome.actual);
    return { version: outcome.version };
  }

  async delete(key: ReadModelKey<F, K>, options: ChangeOptions = {}): Promise<boolean> {
    checkKeys("options of delete", options, CHANGE_OPTIONS);
    const { expectedVersion: expected = "any" } = options;
    checkExpected(expected);
    const own = checkedKey(key, this.#shape);
    const outcome = await this.#calls.run(options, () => this.#table.delete(own, expected));
    if ("actual" in outcome) throw this.#conflict(own, expected, outcome.actual);
    return outcome.existed;
  }

  async query(listing: Listing<RowOf<F>>, options: CallOptions = {}): Promise<Page<T>> {
    checkKeys("options of query", options, CALL_OPTIONS);
    const plan = checkedListing(listing, this.#shape);
    const { found, total } = await this.#calls.run(options, () => this.#table.find(plan));
    const items = found.map((json) => JSON.parse(json) as T);
    return pageOf(items, plan, this.#shape.listing, total);
  }

  #conflict(key: Parameters<typeof namedKey>[0], expected: ExpectedItemVersion, actual: number | null): WrongItemVersion {
    return new WrongItemVersion(this.#shape.name, namedKey(key, this.#shape), { expected, actual });
  }
}

function checkExpected(expected: unknown): void {
  if (expected === "none" || expected === "any" || (Number.isSafeInteger(expected) && (expected as number) >= 1)) return;
  throw new InvalidArgument("expectedVersion", "none, any, or the version of an item, an integer from 1", expected);
}
