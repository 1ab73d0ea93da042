import { ProjectionNotFound, type Acquisition, type Fence, type GenerationRef, type WorkerRequest } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run, type Statement, type TextRow } from "../../database.ts";
import { DURABLY, inTransaction, READ_COMMITTED } from "../../in-transaction.ts";
import { msSql, type KeptProjection } from "./kept-projection.ts";
import type { ProjectionPlace } from "./projection-place.ts";

const IS_GENERATION = "g.projection = $1 AND g.generation = $2";

/** What came of asking, with what was read of the projection where it was given. */
type Taken =
  | { readonly fence: Fence; readonly wasAbandoned: boolean; readonly projection: KeptProjection }
  | Extract<Acquisition, { heldBy: string }>;

/** Who works on a generation. Errors: PostgreSQL's own. */
export class ProjectionLeases {
  readonly #place: ProjectionPlace;
  readonly #holder: string;
  readonly #taken: string;
  readonly #renewed: Statement;
  readonly #released: Statement;

  constructor(place: ProjectionPlace) {
    const { generations, lanes, fences } = place.names;
    this.#place = place;
    this.#holder = `SELECT g.worker, ${msSql("g.lease_until")}, ${msSql("clock_timestamp()")} FROM ${generations} g WHERE ${IS_GENERATION}`;
    this.#taken = `WITH taken AS (UPDATE ${generations} g SET worker = $3, lease_until = ${untilSql("$4")}, fence = nextval('${fences.replaceAll("'", "''")}')
      WHERE ${IS_GENERATION} RETURNING g.fence)
      UPDATE ${lanes} l SET fence = taken.fence FROM taken WHERE l.projection = $1 AND l.generation = $2 RETURNING l.fence`;
    this.#renewed = place.database.kept(
      `UPDATE ${generations} g SET worker = $3, lease_until = ${untilSql("$4")} WHERE ${IS_GENERATION} AND g.fence = $5 AND g.worker IS NOT NULL RETURNING 1`,
    );
    this.#released = place.database.kept(
      `UPDATE ${generations} g SET worker = NULL, lease_until = NULL WHERE ${IS_GENERATION} AND g.fence = $3`,
    );
  }

  /** Errors: `projection-not-found`, too. */
  async acquire(client: PoolClient, request: WorkerRequest): Promise<Taken> {
    const { projection, generation, worker } = request;
    const [now] = await run(client, this.#holder, [projection, generation]);
    if (now === undefined) throw new ProjectionNotFound(projection, this.#place.where, generation);
    return heldBy(now, worker) ?? inTransaction(client, `${READ_COMMITTED}; ${DURABLY}`, () => this.#take(client, request));
  }

  async renew(client: PoolClient, request: WorkerRequest & { readonly fence: Fence }): Promise<KeptProjection | undefined> {
    const { projection, generation, worker, leaseMs, fence } = request;
    const rows = await run(client, this.#renewed, [projection, generation, worker, leaseMs, fence]);
    return rows.length === 0 ? undefined : this.#place.find(client, projection);
  }

  async release(client: PoolClient, { projection, generation, fence }: GenerationRef & { readonly fence: Fence }): Promise<void> {
    await run(client, this.#released, [projection, generation, fence]);
  }

  async #take(client: PoolClient, { projection, generation, worker, leaseMs }: WorkerRequest): Promise<Taken> {
    const { lanes } = this.#place.names;
    const [now] = await run(client, `${this.#holder} FOR UPDATE`, [projection, generation]);
    if (now === undefined) throw new ProjectionNotFound(projection, this.#place.where, generation);
    const held = heldBy(now, worker);
    if (held !== undefined) return held;
    // A commit that is under way ends first.
    await run(client, `SELECT 1 FROM ${lanes} WHERE projection = $1 AND generation = $2 ORDER BY lane FOR UPDATE`, [
      projection,
      generation,
    ]);
    const [taken] = await run(client, this.#taken, [projection, generation, worker, leaseMs]);
    const kept = await this.#place.get(client, projection);
    return { fence: Number(taken?.[0]) as Fence, wasAbandoned: now[0] !== null, projection: kept };
  }
}

function untilSql(ms: string): string {
  return `clock_timestamp() + ${ms}::double precision * interval '1 millisecond'`;
}

/** Nothing where it may be taken. */
function heldBy([holder, untilMs, nowMs]: TextRow, worker: string): Extract<Acquisition, { heldBy: string }> | undefined {
  const forMs = Number(untilMs) - Number(nowMs);
  return typeof holder === "string" && holder !== worker && forMs > 0 ? { heldBy: holder, forMs } : undefined;
}
