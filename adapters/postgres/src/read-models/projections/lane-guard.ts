import type { LaneMove, WorkerGuard } from "@reactive-domain/persistence";
import type { ProjectionNames } from "./projection-names.ts";
import type { StatementValues } from "./statement-values.ts";

/** What moves, and under which conditions. */
export interface GuardedMoves extends WorkerGuard {
  readonly moves: readonly LaneMove[];
  readonly handled: number;
}

const IS_AS_BELIEVED = (guard: { readonly [N in "projection" | "generation" | "fence" | "revision"]: string }): string =>
  `l.projection = ${guard.projection} AND l.generation = ${guard.generation} AND l.fence = ${guard.fence} AND l.revision = ${guard.revision} ` +
  "AND (l.paused_until IS NULL OR l.paused_until <= clock_timestamp())";

/** Moves the one lane of a commit where all is as its worker believes; one that moves none locks the first. It tells a row where it was so. */
export function guardSql({ lanes }: ProjectionNames, { moves: [move], handled, ...guard }: GuardedMoves, values: StatementValues): string {
  const isMove = values.bind(move !== undefined, "boolean");
  return (
    `UPDATE ${lanes} l SET position = CASE WHEN ${isMove} THEN ${values.bind(move?.position ?? null, "bigint")} ELSE l.position END, ` +
    `handled = l.handled + ${values.bind(handled, "bigint")} ` +
    `WHERE ${IS_AS_BELIEVED({
      projection: values.bind(guard.projection, "text"),
      generation: values.bind(guard.generation, "integer"),
      fence: values.bind(guard.fence, "bigint"),
      revision: values.bind(guard.revision, "bigint"),
    })} ` +
    `AND l.lane = ${values.bind(move?.lane ?? 0, "integer")} ` +
    `AND (NOT ${isMove} OR l.position IS NOT DISTINCT FROM ${values.bind(move?.expected ?? null, "bigint")}) RETURNING 1`
  );
}

/** The same for any number of lanes, with its values in it: it tells a row for each that was moved, with the name of the transaction. */
export function guardOfAllSql({ lanes }: ProjectionNames, { moves, handled, ...guard }: GuardedMoves): string {
  const wanted =
    moves.length === 0
      ? [`(0, false, NULL::bigint, NULL::bigint, ${whole(handled)})`]
      : moves.map((move, nth) => moveSql(move, nth === 0 ? handled : 0));
  const believed = IS_AS_BELIEVED({
    projection: `'${guard.projection.replaceAll("'", "''")}'`,
    generation: whole(guard.generation),
    fence: whole(guard.fence),
    revision: whole(guard.revision),
  });
  // In one order, whoever locks several.
  const lock = `SELECT 1 FROM ${lanes} l WHERE ${believed} AND l.lane IN (${moves.map(({ lane }) => whole(lane)).join(", ")}) ORDER BY l.lane FOR UPDATE; `;
  return (
    `${moves.length > 1 ? lock : ""}UPDATE ${lanes} l SET position = CASE WHEN m.moves THEN m.position ELSE l.position END, handled = l.handled + m.handled ` +
    `FROM (VALUES ${wanted.join(", ")}) AS m(lane, moves, expected, position, handled) ` +
    `WHERE ${believed} AND l.lane = m.lane AND (NOT m.moves OR l.position IS NOT DISTINCT FROM m.expected) RETURNING pg_current_xact_id()`
  );
}

function moveSql({ lane, expected, position }: LaneMove, handled: number): string {
  return `(${whole(lane)}, true, ${placeSql(expected)}, ${placeSql(position)}, ${whole(handled)})`;
}

function placeSql(place: LaneMove["position"]): string {
  return place === null ? "NULL::bigint" : `${whole(place)}::bigint`;
}

/** A number in the text of a statement, where nothing else is to come in. */
function whole(value: number): string {
  return String(Math.trunc(value));
}
