import type { Names } from "../schema/names.ts";
import { knownStreams, lookedUp, streamEvents } from "./known-streams.ts";
import type { PackedQuery } from "./packed-events.ts";
import { IN_ONE } from "./packed-in-one.ts";
import { Parameters } from "./parameters.ts";
import { beginningBehind, SELECTED_SNAPSHOT, WANTED } from "./snapshot-start.ts";
import { placesOf, type StreamPage, type StreamPagesQuery } from "./stream-pages-query.ts";

/** A page is tried where it cannot have more than so many times the bytes that it may have, and no more than so many: the server holds them until it knows. */
const TRIED_TIMES = 64;
const MOST_TRIED_BYTES = 256 * 1024 * 1024;

/** How many events a page has at the most. */
const MOST_EVENTS = "greatest(least(s.most, coalesce(s.last_version, -1) - greatest(s.start, s.first_shown) + 1), 0)";
const MOST_BYTES = `${MOST_EVENTS} * s.largest`;

/**
 * The statement of one page of one stream, forwards: a third of the server's time goes into lists, and into ways to cut a page short, which it sets up for each statement
 * whether they are gone or not. Its one row is that of {@link streamPagesQuery}; without a number of events where those could be, or are, too many bytes for the page.
 */
export class LonePageQuery {
  readonly #texts: Readonly<Record<"plain" | "behindSnapshot", PackedQuery["text"]>>;

  constructor(names: Names) {
    this.#texts = { plain: textsOf(names, false), behindSnapshot: textsOf(names, true) };
  }

  of({ stream, from, maxEvents, maxBytes, snapshot }: StreamPage): StreamPagesQuery {
    const values = [stream, from === "end" ? Number.MAX_SAFE_INTEGER : from, maxEvents + 1, maxBytes];
    if (snapshot === undefined) return { text: this.#texts.plain, values, packing: IN_ONE, ...placesOf(false) };
    const wanted = Object.values(WANTED).map(([, key]) => snapshot[key] ?? null);
    return { text: this.#texts.behindSnapshot, values: [...values, ...wanted], packing: IN_ONE, ...placesOf(true) };
  }
}

/** The statement without escapes and with them, made once: it is known by its text for each page. */
function textsOf(names: Names, isBehindSnapshot: boolean): PackedQuery["text"] {
  const [plain, escaped] = [textOf(names, isBehindSnapshot, false), textOf(names, isBehindSnapshot, true)];
  return (escapes) => (escapes ? escaped : plain);
}

function textOf(names: Names, isBehindSnapshot: boolean, escapes: boolean): string {
  const { events, bytes } = streamEvents({ direction: "forwards", filter: undefined }, names, new Parameters());
  const isTried = `${MOST_BYTES} <= least(${TRIED_TIMES} * ${bytes}, ${MOST_TRIED_BYTES})`;
  const isFitting = `${isTried} AND (${MOST_BYTES} <= ${bytes} OR octet_length(packed) <= ${bytes})`;
  const others = ["head", "largest"];
  const streams = isBehindSnapshot
    ? `${knownStream("k", names, true)}, s AS MATERIALIZED (${beginningBehind("k", names, others)})`
    : knownStream("s", names, false);
  return (
    `WITH ${streams} SELECT page, last_version, state, first_shown, head${isBehindSnapshot ? `, ${SELECTED_SNAPSHOT}` : ""}, ` +
    `CASE WHEN ${isFitting} THEN count END, CASE WHEN ${isFitting} THEN packed END ` +
    `FROM s CROSS JOIN LATERAL (SELECT ${IN_ONE.selected(escapes)} FROM (SELECT * FROM (${events}) e WHERE ${isTried}) f) p (count, packed)`
  );
}

/** A table of the one stream, with the head of the log and the size of its largest event. */
function knownStream(table: string, names: Names, isBehindSnapshot: boolean): string {
  const asked: Record<string, string> = { name: "text", start: "bigint", most: "bigint", bytes: "bigint" };
  if (isBehindSnapshot) for (const [column, [type]] of Object.entries(WANTED)) asked[column] = type;
  const values = Object.entries(asked).map(([column, type], index) => `$${index + 1}::${type} AS ${column}`);
  const { of } = names;
  const head = `greatest((SELECT max(h.position) FROM ${of("events")} h), head_position) AS head, max_event_bytes AS largest`;
  const one = `SELECT 1 AS page, ${values.join(", ")}, ${head}, ${lookedUp("$1::text", names)} FROM ${of("log")} WHERE one LIMIT 1`;
  return knownStreams(table, one, [...Object.keys(asked), "head", "largest"]);
}
