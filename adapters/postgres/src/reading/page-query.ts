import type { EventFilter } from "@reactive-domain/persistence";
import type { PageRequest } from "@reactive-domain/persistence/adapter";
import { EVENT_BYTES, headOf } from "../schema/parts.ts";
import { IN_PIECES, numbered } from "./packed-columns.ts";
import type { PackedQuery } from "./packed-events.ts";
import { Parameters } from "./parameters.ts";
import type { Names } from "../schema/names.ts";

/** A filtered page looks at this many places at the most: a rare match in a long log must not hold up its reader. */
export const FILTER_WINDOW = 10_000;
/** So many types or categories are looked up one by one in their index. */
const MAX_LOOKUPS = 32;

export const COLUMNS = "position, stream, version, type, schema_version, time, id, content_type, metadata, data, bytes";

/** The places that a page looks at, both inclusive, where that does not depend on what there is. */
export interface Window {
  /** Whether a page ends after {@link FILTER_WINDOW} places although events may follow. */
  readonly isBounded: boolean;
}

/** What reads a page, and which of its events are too many bytes. */
export interface PageEvents {
  /** Selects events, in their order. */
  readonly events: string;
  readonly order: string;
  /** How many bytes a page has at the most, but for its first event, and one that follows. */
  readonly bytes: string;
  /** How many bytes it cannot have more than. */
  readonly mostBytes: string;
}

/**
 * The statement of a page of the log, a category or a type. Its one row belongs to one moment: the head of the log, or -1; and the events, packed, in the order of
 * reading, as many as are asked for and one more.
 */
export function logPageQuery(asked: PageRequest, names: Names): PackedQuery & Window {
  const request = asSimpler(asked);
  const { from, direction, maxEvents, maxBytes } = request;
  const parameters = new Parameters();
  const start = parameters.add(from === "end" ? Number.MAX_SAFE_INTEGER : from);
  const limit = parameters.add(maxEvents + 1);
  const bytes = parameters.add(maxBytes);
  const list = lookupOf(request);
  const isBounded = list === undefined && request.filter !== undefined;
  const { of } = names;
  const limited = (selected: string, order: string): string =>
    `SELECT * FROM (${selected} ${order} LIMIT ${limitForPlan(maxEvents)}) l LIMIT ${limit}`;
  const order = orderOf(direction, []);
  const placesOf = (columns: string, key: Key | undefined, conditions: readonly string[] = []): string => {
    const range = rangeOf(direction, start, { key, isBounded });
    const where = [...range, ...conditions].join(" AND ");
    return limited(`SELECT ${columns} FROM ${of("events")} WHERE ${where}`, orderOf(direction, key === undefined ? [] : [key.column]));
  };
  const events =
    list === undefined
      ? placesOf(COLUMNS, keyOf(request, parameters), filterConditions(request.filter ?? {}, names, parameters))
      : `SELECT ${qualified(COLUMNS)} FROM (${limited(
          `SELECT f.position FROM unnest(${parameters.add([...new Set(list.values)])}::text[]) u (value) CROSS JOIN LATERAL (` +
            `${placesOf("position", { column: list.column, value: "u.value" })}) f`,
          order,
        )}) p JOIN ${of("events")} e ON e.position = p.position ${orderOf(direction, [], "e.")}`;
  const page = { events, order, bytes: `${bytes}::bigint`, mostBytes: `${limit}::bigint * ${largestEvent(names)}` };
  // What is searched for is not searched for twice.
  const fitting = list === undefined && request.filter === undefined ? fittingIn(page) : withinBytes(page);
  const text = (escapes: boolean): string =>
    `WITH h AS MATERIALIZED (SELECT coalesce(${headOf(names.of)}, -1) AS head) ` +
    `SELECT h.head, p.* FROM h CROSS JOIN LATERAL (SELECT ${IN_PIECES.selected(escapes)} FROM (${numbered(fitting)}) f) p`;
  return { text, values: parameters.values, packing: IN_PIECES, isBounded };
}

/** The last place that a bounded page forwards looks at, or the first of one backwards. */
export function windowEnd(from: number, direction: PageRequest["direction"]): number {
  return direction === "forwards" ? from + FILTER_WINDOW - 1 : from - FILTER_WINDOW + 1;
}

/**
 * A bound that is no parameter. Plans are kept for all values of their parameters: without it they would be reckoned for a tenth of the log, and as that is dear,
 * be made anew for each page. There are few of them, since each is a statement of its own.
 */
function limitForPlan(maxEvents: number): number {
  return 4 ** Math.ceil(Math.log2(maxEvents + 1) / 2);
}

/** How many bytes no event has more than. */
export function largestEvent({ of }: Names): string {
  return `(SELECT max_event_bytes FROM ${of("log")} WHERE one)`;
}

/**
 * The events of a page that are not too many bytes. Their sizes are looked at only where they could be too many, and summed up as one goes only where they are: that
 * costs more than all else.
 */
export function fittingIn(page: PageEvents): string {
  const { events, bytes, mostBytes } = page;
  return (
    `SELECT e.* FROM (SELECT CASE WHEN ${mostBytes} <= ${bytes} THEN 0 ELSE (SELECT sum(${EVENT_BYTES}) FROM (${events}) r) END AS total) t CROSS JOIN LATERAL (` +
    `SELECT * FROM (${events}) r WHERE t.total <= ${bytes} UNION ALL SELECT * FROM (${withinBytes(page)}) w WHERE t.total > ${bytes}) e`
  );
}

/** The same, read once; what is large is not looked into for its size. */
function withinBytes({ events, order, bytes }: PageEvents): string {
  const sums = "sum(size) OVER w AS total, first_value(size) OVER w AS first_size";
  return (
    `SELECT ${COLUMNS} FROM (SELECT *, ${sums} FROM (SELECT *, ${EVENT_BYTES} AS size FROM (${events}) r) z WINDOW w AS (${order} ROWS UNBOUNDED PRECEDING)) b ` +
    `WHERE total - size <= greatest(${bytes}, first_size) ${order}`
  );
}

/** What an index begins with, before the position. */
interface Key {
  readonly column: "type" | "category";
  readonly value: string;
}

function keyOf({ source }: PageRequest, parameters: Parameters): Key | undefined {
  if ("category" in source) return { column: "category", value: `${parameters.add(source.category)}::text` };
  if ("eventType" in source) return { column: "type", value: `${parameters.add(source.eventType)}::text` };
  return undefined;
}

/**
 * The places that a page looks at. Those of a category or a type are told as a range of their index, and ordered as that is: no plan that is made without knowing
 * how many there are can do otherwise than to go along it.
 */
function rangeOf(
  direction: PageRequest["direction"],
  start: string,
  { key, isBounded }: { readonly key: Key | undefined; readonly isBounded: boolean },
): readonly string[] {
  const than = (comparison: string, place: string): string =>
    key === undefined ? `position ${comparison} ${place}` : `(${key.column}, position) ${comparison} (${key.value} COLLATE "C", ${place})`;
  const [from, past, within, step] = direction === "forwards" ? [">=", "<", "<=", "+"] : ["<=", ">", ">=", "-"];
  const bound = direction === "forwards" ? `${start}::bigint` : `least(${start}::bigint, (SELECT head FROM h))`;
  return [
    than(from, `${start}::bigint`),
    ...(isBounded ? [than(past, `${bound} ${step} ${FILTER_WINDOW}`)] : []),
    ...(key === undefined ? [] : [`${key.column} ${within} ${key.value} COLLATE "C"`]),
  ];
}

function orderOf(direction: PageRequest["direction"], first: readonly string[], table = ""): string {
  return `ORDER BY ${[...first, `${table}position`].map((column) => `${column} ${direction === "forwards" ? "ASC" : "DESC"}`).join(", ")}`;
}

/** What is served by an index is taken as the source that it is. */
function asSimpler(request: PageRequest): PageRequest {
  const { types = [], ...others } = request.filter ?? {};
  const [type, another] = types;
  if (!("all" in request.source) || type === undefined || another !== undefined) return request;
  const isFiltered = Object.values(others).some((condition) => condition !== undefined);
  return { ...request, source: { eventType: type }, filter: isFiltered ? others : undefined };
}

/** A list of types or categories that is all there is to select by. */
function lookupOf({
  source,
  filter,
}: PageRequest): { readonly column: "type" | "category"; readonly values: readonly string[] } | undefined {
  if (!("all" in source) || filter === undefined) return undefined;
  const used = Object.entries(filter).filter(([, condition]) => condition !== undefined);
  const [key, value] = used[0] ?? [];
  if (used.length !== 1 || !Array.isArray(value) || value.length > MAX_LOOKUPS) return undefined;
  return { column: key === "types" ? "type" : "category", values: value as readonly string[] };
}

/**
 * What an event has to fit beside its source. A page looks at the places of a window, one by one: in forms that no index has, the planner cannot search the whole log
 * for one condition first.
 */
export function filterConditions(filter: EventFilter, { of }: Names, parameters: Parameters): readonly string[] {
  const { types, categories, streamPrefix, correlationId } = filter;
  return [
    ...(types === undefined ? [] : [`type = ANY (${parameters.add([...types])}::text[] COLLATE "POSIX")`]),
    ...(categories === undefined ? [] : [`category = ANY (${parameters.add([...categories])}::text[] COLLATE "POSIX")`]),
    ...(streamPrefix === undefined ? [] : [`starts_with(stream || '', ${parameters.add(streamPrefix)})`]),
    ...(correlationId === undefined ? [] : [`${of("correlation_of")}(metadata) = ${parameters.add(correlationId)}`]),
  ];
}

function qualified(columns: string): string {
  return columns
    .split(", ")
    .map((column) => `e.${column}`)
    .join(", ");
}
