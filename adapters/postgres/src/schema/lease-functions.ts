import type { Names } from "./names.ts";
import { lockLog, NOW_MS, PINNED } from "./parts.ts";

/** Leases by name. Taking one waits for the lock of the log: no write under an older token can still be on its way to a commit. */
export function leaseFunctions(names: Names): string {
  const { of } = names;
  return `
CREATE FUNCTION ${of("acquire_lease")}(p_name text, p_owner text, p_duration bigint, OUT fence bigint, OUT until bigint)
RETURNS SETOF record LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
BEGIN
  ${lockLog(names)}
  PERFORM ${of("guard")}();
  RETURN QUERY INSERT INTO ${of("leases")} AS l (name, owner, fence, until) VALUES (p_name, p_owner, 1, ${NOW_MS} + p_duration)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, fence = l.fence + 1, until = excluded.until
    WHERE l.owner IS NULL OR l.owner = excluded.owner OR l.until <= ${NOW_MS}
    RETURNING l.fence, l.until;
END
$body$;

CREATE FUNCTION ${of("renew_lease")}(p_name text, p_owner text, p_fence bigint, p_duration bigint)
RETURNS SETOF bigint LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
BEGIN
  PERFORM ${of("guard")}();
  RETURN QUERY UPDATE ${of("leases")} SET until = ${NOW_MS} + p_duration
    WHERE name = p_name COLLATE "C" AND owner = p_owner AND fence = p_fence RETURNING until;
END
$body$;

CREATE FUNCTION ${of("release_lease")}(p_name text, p_owner text, p_fence bigint)
RETURNS void LANGUAGE plpgsql VOLATILE ${PINNED} AS $body$
#variable_conflict use_column
BEGIN
  PERFORM ${of("guard")}();
  UPDATE ${of("leases")} SET owner = NULL, until = 0 WHERE name = p_name COLLATE "C" AND owner = p_owner AND fence = p_fence;
END
$body$;
`;
}
