import type { MaintenanceSession } from "./maintenance-session.ts";

/** Positions, both inclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Runs a statement that may be refused for what it finds, and tells how: the name of the error, or `undefined`. */
export type Attempt = (text: string, values?: readonly unknown[]) => Promise<string | undefined>;

const DATA = "CASE WHEN content_type IS NULL THEN coalesce(convert_from(bytes, 'UTF8'), data)::json END";

/**
 * Finds events among the last ones whose data or metadata are not JSON, the last first. PostgreSQL refuses a statement that comes upon one, whatever else it reads: so
 * a range with one in it is halved until that is alone.
 */
export async function badJson(
  session: MaintenanceSession,
  attempt: Attempt,
  limits: { readonly events: number; readonly findings: number },
) {
  const events = session.names.of("events");
  const problems: string[] = [];
  const isBad = async ({ from, to }: Range, columns: string): Promise<boolean> =>
    (await attempt(`SELECT ${columns} FROM ${events} WHERE position BETWEEN $1 AND $2`, [from, to])) !== undefined;
  const look = async (range: Range): Promise<void> => {
    const { from, to } = range;
    if (problems.length >= limits.findings || from > to || !(await isBad(range, `count(metadata::json), count(${DATA})`))) return;
    if (from === to) {
      const [row] = await session.query(`SELECT stream FROM ${events} WHERE position = $1`, [from]);
      const what = (await isBad(range, "count(metadata::json)")) ? "metadata" : "data";
      problems.push(`Event ${from} of stream ${row?.[0]} has ${what} that is not JSON.`);
      return;
    }
    const middle = Math.floor((from + to) / 2);
    await look({ from: middle + 1, to });
    await look({ from, to: middle });
  };
  const [ends] = await session.query(
    `SELECT min(position), max(position) FROM (SELECT position FROM ${events} ORDER BY position DESC LIMIT $1) e`,
    [limits.events],
  );
  if (ends !== undefined && ends[0] !== null) await look({ from: Number(ends[0]), to: Number(ends[1]) });
  return problems;
}
