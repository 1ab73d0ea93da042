import type { Names } from "./names.ts";
import { NOW_MS, PINNED } from "./parts.ts";

const MAX_KEY_BYTES = 1_000;

/** What hides events of a stream, and what takes hidden ones out of the log. */
export function streamFunctions(names: Names): string {
  return [correlationOf(names), correlationKey(names), firstVersionAt(names), firstShown(names), streamEnds(names)].join("");
}

/** The correlation id that metadata tells; null where it tells none, or is no JSON. */
function correlationOf({ of }: Names): string {
  return `
CREATE FUNCTION ${of("correlation_of")}(p_metadata text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
#variable_conflict use_column
BEGIN
  IF strpos(p_metadata, 'correlation') = 0 THEN RETURN NULL; END IF;
  RETURN CASE WHEN json_typeof(p_metadata::json) = 'object' AND json_typeof(p_metadata::json -> 'correlationId') = 'string'
    THEN p_metadata::json ->> 'correlationId' END;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END
$body$;
`;
}

/** By what an event keeps its order where chains do: an index takes keys of some length only, so a long one is told by its digest. */
function correlationKey({ of }: Names): string {
  return `
CREATE FUNCTION ${of("correlation_key")}(p_metadata text, p_id uuid) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
  v_correlation text := ${of("correlation_of")}(p_metadata);
BEGIN
  IF v_correlation IS NULL THEN RETURN p_id::text; END IF;
  RETURN CASE WHEN octet_length(v_correlation) <= ${MAX_KEY_BYTES} THEN v_correlation ELSE 'sha256 ' || encode(sha256(convert_to(v_correlation, 'UTF8')), 'hex') END;
END
$body$;
`;
}

/** The first version of a stream, from one on and before another, at or behind a position: found by halving, since positions grow along a stream. */
function firstVersionAt({ of }: Names): string {
  return halving(of, "first_version_at", "position");
}

function firstShown({ of }: Names): string {
  return halving(of, "first_version_since", "time");
}

function halving(of: Names["of"], name: string, column: "position" | "time"): string {
  return `
CREATE FUNCTION ${of(name)}(p_stream text, p_first bigint, p_next bigint, p_place bigint)
RETURNS bigint LANGUAGE plpgsql STABLE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_low bigint := p_first;
  v_high bigint := p_next;
  v_middle bigint;
  v_event record;
BEGIN
  WHILE v_low < v_high LOOP
    v_middle := (v_low + v_high) / 2;
    SELECT version, ${column} AS place INTO v_event FROM ${of("events")}
      WHERE stream = p_stream COLLATE "C" AND version >= v_middle ORDER BY version LIMIT 1;
    IF NOT FOUND OR v_event.place >= p_place THEN v_high := v_middle; ELSE v_low := v_event.version + 1; END IF;
  END LOOP;
  RETURN v_low;
END
$body$;
`;
}

/**
 * What there is to know of a stream: no row where it was never written, deleted or spoken of. Its first shown version is one behind the last where none is
 * shown. `p_now` is the time that ages are counted from; null for the server's clock.
 */
function streamEnds({ of }: Names): string {
  return `
CREATE FUNCTION ${of("stream_ends")}(p_stream text, p_now bigint,
  OUT last_version bigint, OUT first_shown bigint, OUT state text, OUT metadata text)
RETURNS SETOF record LANGUAGE plpgsql STABLE ${PINNED} AS $body$
#variable_conflict use_column
DECLARE
  v_stream record;
BEGIN
  SELECT version INTO last_version FROM ${of("events")} WHERE stream = p_stream COLLATE "C" ORDER BY version DESC LIMIT 1;
  SELECT * INTO v_stream FROM ${of("streams")} WHERE name = p_stream COLLATE "C";
  IF NOT FOUND THEN
    IF last_version IS NULL THEN RETURN; END IF;
    first_shown := 0;
    state := 'live';
    RETURN NEXT;
    RETURN;
  END IF;
  last_version := greatest(coalesce(last_version, -1), v_stream.known_version);
  metadata := v_stream.metadata;
  state := CASE WHEN v_stream.is_tombstoned THEN 'tombstoned' WHEN last_version < 0 THEN 'missing'
    WHEN v_stream.deleted_before > last_version THEN 'deleted' ELSE 'live' END;
  first_shown := least(last_version + 1,
    greatest(v_stream.deleted_before, coalesce(v_stream.truncate_before, 0), coalesce(last_version + 1 - v_stream.max_count, 0)));
  IF v_stream.max_age_ms IS NOT NULL THEN
    first_shown := ${of("first_version_since")}(p_stream, first_shown, last_version + 1, coalesce(p_now, ${NOW_MS}) - v_stream.max_age_ms);
  END IF;
  RETURN NEXT;
END
$body$;
`;
}
