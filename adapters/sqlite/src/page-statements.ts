import type { EventFilter, ReadSource } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { LIMIT } from "./limit.ts";

/** The cursors of interest, both inclusive. */
export interface CursorRange {
  readonly low: number;
  readonly high: number;
}

/** What of a request says which events are selected. */
export interface Selection extends Pick<PageRequest, "source" | "direction"> {
  readonly filter?: EventFilter | undefined;
}

const FILTERS = ["types", "categories", "streamPrefix", "correlationId"] as const satisfies readonly (keyof EventFilter)[];

/** The plus sign keeps SQLite from looking the types up in their index: it would have to sort what it finds. */
const CONDITIONS: Readonly<Record<keyof EventFilter, string>> = {
  types: "+type IN (SELECT value FROM json_each(?))",
  categories: "+category IN (SELECT value FROM json_each(?))",
  streamPrefix: "(SELECT substr(name, 1, length(?)) FROM streams WHERE id = stream_id) = ?",
  correlationId: "CASE WHEN json_valid(metadata) THEN metadata ->> '$.correlationId' END = ?",
};

/** A beginning without a dash is one of the category, too: the stream's name is not looked up. */
const CATEGORY_PREFIX = "substr(category, 1, length(?)) = ?";

/** The statements that select events of a source within a range, in the order of reading: one for each shape of a request. */
export class PageStatements<Row> {
  readonly #database: Database;
  readonly #columns: string;
  readonly #byShape = new Map<string, Statement<unknown[], Row>>();

  constructor(database: Database, columns: string) {
    this.#database = database;
    this.#columns = columns;
  }

  /** `streamId` is that of the stream that is the source, if one is. */
  select(selection: Selection, { low, high }: CursorRange, limit: number, streamId?: number): Row[] {
    const source = streamId ?? nameOf(selection.source);
    const statement = this.#statement(selection);
    if (selection.filter === undefined)
      return source === undefined ? statement.all(low, high, limit) : statement.all(source, low, high, limit);
    const filter = filterParameters(selection.filter);
    return source === undefined ? statement.all(low, high, ...filter, limit) : statement.all(source, low, high, ...filter, limit);
  }

  #statement(selection: Selection): Statement<unknown[], Row> {
    const shape = shapeOf(selection);
    let statement = this.#byShape.get(shape);
    if (statement === undefined) {
      statement = this.#database.prepare<unknown[], Row>(textOf(selection, this.#columns)).raw();
      this.#byShape.set(shape, statement);
    }
    return statement;
  }
}

/** Requests of one shape differ in what is bound to their statement only. */
function shapeOf({ source, direction, filter }: Selection): string {
  const kind = "stream" in source ? "stream" : "category" in source ? "category" : "eventType" in source ? "eventType" : "all";
  return filter === undefined ? `${kind} ${direction}` : `${kind} ${direction} ${conditionsOf(filter).join()}`;
}

function textOf({ source, direction, filter }: Selection, columns: string): string {
  const cursor = "stream" in source ? "version" : "position";
  const conditions = [...sourceConditions(source), `${cursor} BETWEEN ? AND ?`, ...conditionsOf(filter ?? {})];
  const order = direction === "forwards" ? "ASC" : "DESC";
  return `SELECT ${columns} FROM events WHERE ${conditions.join(" AND ")} ORDER BY ${cursor} ${order} ${LIMIT}`;
}

function sourceConditions(source: ReadSource): readonly string[] {
  if ("stream" in source) return ["stream_id = ?"];
  if ("category" in source) return ["category = ?"];
  return "eventType" in source ? ["type = ?"] : [];
}

function nameOf(source: ReadSource): string | undefined {
  if ("category" in source) return source.category;
  return "eventType" in source ? source.eventType : undefined;
}

function conditionsOf(filter: EventFilter): readonly string[] {
  const isOfCategory = filter.streamPrefix?.includes("-") === false;
  return usedOf(filter).map((key) => (key === "streamPrefix" && isOfCategory ? CATEGORY_PREFIX : CONDITIONS[key]));
}

function usedOf(filter: EventFilter): readonly (keyof EventFilter)[] {
  return FILTERS.filter((key) => filter[key] !== undefined);
}

function filterParameters(filter: EventFilter): readonly unknown[] {
  return usedOf(filter).flatMap((key) => {
    const value = filter[key];
    if (key === "streamPrefix") return [value, value];
    return typeof value === "string" ? [value] : [JSON.stringify(value)];
  });
}
