import type { EventFilter, ReadSource } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { EVENT_COLUMNS } from "./recorded-row.ts";

/** The cursors of interest, both inclusive. */
export interface CursorRange {
  readonly low: number;
  readonly high: number;
}

/** A statement's text, and what is bound to it. Requests of the same shape have the same text. */
export interface PageStatement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What of a request says which events are selected. */
export interface Selection extends Pick<PageRequest, "source" | "direction" | "filter"> {
  /** How many events at the most. */
  readonly limit: number;
}

export interface PageStatementOptions {
  /** The stream that is the source, if one is. */
  readonly streamId: number | undefined;
  /** Default: all. */
  readonly columns?: string;
}

/** Selects the events of a source within a range, in the order of reading. */
export function pageStatement(
  request: Selection,
  range: CursorRange,
  { streamId, columns = EVENT_COLUMNS }: PageStatementOptions,
): PageStatement {
  const cursor = streamId === undefined ? "position" : "version";
  const conditions = [...sourceCondition(request.source, streamId), `${cursor} BETWEEN ? AND ?`, ...filterConditions(request.filter)];
  const order = `ORDER BY ${cursor} ${request.direction === "forwards" ? "ASC" : "DESC"}`;
  return {
    sql: `SELECT ${columns} FROM events WHERE ${conditions.join(" AND ")} ${order} LIMIT ?`,
    parameters: [...sourceParameters(request.source, streamId), range.low, range.high, ...filterParameters(request.filter), request.limit],
  };
}

function sourceCondition(source: ReadSource, streamId: number | undefined): readonly string[] {
  if (streamId !== undefined) return ["stream_id = ?"];
  if ("category" in source) return ["category = ?"];
  return "eventType" in source ? ["type = ?"] : [];
}

function sourceParameters(source: ReadSource, streamId: number | undefined): readonly unknown[] {
  if (streamId !== undefined) return [streamId];
  if ("category" in source) return [source.category];
  return "eventType" in source ? [source.eventType] : [];
}

/** The plus sign keeps SQLite from looking the types up in their index: it would have to sort what it finds. */
function filterConditions(filter: EventFilter | undefined): readonly string[] {
  return [
    ...(filter?.types === undefined ? [] : ["+type IN (SELECT value FROM json_each(?))"]),
    ...(filter?.categories === undefined ? [] : ["+category IN (SELECT value FROM json_each(?))"]),
    ...(filter?.streamPrefix === undefined ? [] : ["(SELECT substr(name, 1, length(?)) FROM streams WHERE id = stream_id) = ?"]),
    ...(filter?.correlationId === undefined ? [] : ["CASE WHEN json_valid(metadata) THEN metadata ->> '$.correlationId' END = ?"]),
  ];
}

function filterParameters(filter: EventFilter | undefined): readonly unknown[] {
  return [
    ...(filter?.types === undefined ? [] : [JSON.stringify(filter.types)]),
    ...(filter?.categories === undefined ? [] : [JSON.stringify(filter.categories)]),
    ...(filter?.streamPrefix === undefined ? [] : [filter.streamPrefix, filter.streamPrefix]),
    ...(filter?.correlationId === undefined ? [] : [filter.correlationId]),
  ];
}
