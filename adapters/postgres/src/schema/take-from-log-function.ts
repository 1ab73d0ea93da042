import type { Names } from "./names.ts";

/** How many events of the log a claim looks at in vain. */
export const MAX_LOOKS = 10_000;

/** How far a claim takes from a stream: to its end, as the fourth migration had it, which may have moved beyond the log's end that the claim knows; or to that end. */
export type EndOfStream = "of-stream" | "of-log";

/**
 * The events of a group's source from a position on, at most `p_limit`, each with its key; `looked_to` is the last position that was looked at when there are
 * fewer. The statement is planned for what is asked, each time.
 */
export function takeFromLogFunction({ of }: Names, end: EndOfStream = "of-stream"): string {
  return `
CREATE FUNCTION ${of("take_from_log")}(p_definition json, p_next bigint, p_head bigint, p_limit bigint,
  OUT places bigint[], OUT keys text[], OUT looked_to bigint)
LANGUAGE plpgsql VOLATILE AS $body$
#variable_conflict use_column
DECLARE
  v_source json := p_definition -> 'source';
  v_filter json := p_definition -> 'filter';
  v_stream text := v_source ->> 'stream';
  v_low bigint := p_next;
  v_high bigint := p_head;
  v_ends record;
BEGIN
  looked_to := p_head;
  IF v_stream IS NOT NULL THEN
    -- Of a stream, what it shows.
    SELECT * INTO v_ends FROM ${of("stream_ends")}(v_stream, NULL);
    IF NOT FOUND THEN RETURN; END IF;
    SELECT version INTO v_low FROM ${of("events")}
      WHERE stream = v_stream COLLATE "C" AND version >= ${of("first_version_at")}(v_stream, v_ends.first_shown, v_ends.last_version + 1, p_next)
      ORDER BY version LIMIT 1;
    IF NOT FOUND THEN RETURN; END IF;
    v_high := v_ends.last_version;
  END IF;
  IF v_filter IS NOT NULL AND v_high >= v_low + ${MAX_LOOKS} THEN
    v_high := v_low + ${MAX_LOOKS - 1};
    looked_to := v_high;
    IF v_stream IS NOT NULL THEN
      SELECT position - 1 INTO looked_to FROM ${of("events")} WHERE stream = v_stream COLLATE "C" AND version > v_high ORDER BY version LIMIT 1;
    END IF;
  END IF;
  EXECUTE ${statement(of, end)}
    INTO places, keys
    USING v_low, v_high, p_limit, coalesce(v_stream, v_source ->> 'category', v_source ->> 'eventType'), v_filter${end === "of-log" ? ", p_head" : ""};
END
$body$;
`;
}

/** The text of a statement, as an expression. */
function statement(of: Names["of"], end: EndOfStream): string {
  const listed = (column: string, key: string): string =>
    `CASE WHEN v_filter -> '${key}' IS NULL THEN '' ELSE ' AND ${column} IN (SELECT value COLLATE "C" FROM json_array_elements_text($5 -> ''${key}''))' END`;
  return [
    "'SELECT array_agg(position), array_agg(key) FROM (SELECT position, '",
    `CASE p_definition ->> 'orderBy' WHEN 'none' THEN 'NULL::text' WHEN 'stream' THEN 'stream'
       ELSE '${of("correlation_key")}(metadata, id)' END`,
    `' AS key FROM ${of("events")} WHERE '`,
    `CASE WHEN v_stream IS NOT NULL THEN 'stream = $4 COLLATE "C" AND version'
       WHEN v_source ->> 'category' IS NOT NULL THEN 'category = $4 COLLATE "C" AND position'
       WHEN v_source ->> 'eventType' IS NOT NULL THEN 'type = $4 COLLATE "C" AND position'
       ELSE 'position' END`,
    "' BETWEEN $1 AND $2'",
    ...(end === "of-log" ? ["CASE WHEN v_stream IS NOT NULL THEN ' AND position <= $6' ELSE '' END"] : []),
    listed("type", "types"),
    listed("category", "categories"),
    "CASE WHEN v_filter -> 'streamPrefix' IS NULL THEN '' ELSE ' AND starts_with(stream, $5 ->> ''streamPrefix'')' END",
    `CASE WHEN v_filter -> 'correlationId' IS NULL THEN '' ELSE ' AND ${of("correlation_of")}(metadata) = $5 ->> ''correlationId''' END`,
    "' ORDER BY ' || CASE WHEN v_stream IS NULL THEN 'position' ELSE 'version' END || ' LIMIT $3) e'",
  ].join("\n    || ");
}
