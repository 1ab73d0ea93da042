import type { Names } from "./names.ts";

/**
 * Makes partitions of the events up to a position. Called under the lock of the log; others may read meanwhile. It runs with the rights of its owner, since who may write
 * events need not own their table.
 */
export function partitionFunction({ of, schema }: Names): string {
  const events = of("events");
  return `
CREATE FUNCTION ${of("add_partitions")}(p_position bigint) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
  v_log record;
  v_name text;
BEGIN
  LOOP
    SELECT partition_size, partitions_end INTO v_log FROM ${of("log")} WHERE one;
    EXIT WHEN v_log.partition_size IS NULL OR p_position < v_log.partitions_end;
    v_name := '${schema.slice(1, -1)}.' || quote_ident((SELECT relname FROM pg_class WHERE oid = '${events}'::regclass) || '_' || v_log.partitions_end / v_log.partition_size);
    EXECUTE format('CREATE TABLE %s (LIKE ${events} INCLUDING ALL)', v_name);
    EXECUTE format('ALTER TABLE ${events} ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)',
      v_name, v_log.partitions_end, v_log.partitions_end + v_log.partition_size);
    UPDATE ${of("log")} SET partitions_end = partitions_end + partition_size WHERE one;
  END LOOP;
END
$body$;
`;
}
