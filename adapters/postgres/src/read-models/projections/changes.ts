import { ProjectionChanged, type ProjectionChange } from "@reactive-domain/persistence";
import {
  isNotBehind,
  onePlace,
  refuseElsewhere,
  type DriverAmendment,
  type ReplayEntriesRequest,
} from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run } from "../../database.ts";
import { DURABLY, inTransaction, READ_COMMITTED } from "../../in-transaction.ts";
import { alone, nameTaken } from "../make-table.ts";
import type { ProjectionEntries } from "./entries.ts";
import { generationIn, liveIn, type KeptGeneration, type KeptProjection } from "./kept-projection.ts";
import { runWithin } from "./own-work.ts";
import type { ProjectionPlace } from "./projection-place.ts";
import { refuseOtherKind } from "./row-changes.ts";
import { hasStateTables } from "./state-tables.ts";
import { TableMoves } from "./table-moves.ts";

type Change<K extends ProjectionChange["kind"]> = Extract<ProjectionChange, { readonly kind: K }>;

const BEGIN = `${READ_COMMITTED}; ${DURABLY}`;

/** What is done to projections from outside of their workers, each in a transaction. Errors: those of the port, PostgreSQL's own. */
export class ProjectionChanges {
  readonly #place: ProjectionPlace;
  readonly #entries: ProjectionEntries;
  readonly #tables: TableMoves;

  constructor(place: ProjectionPlace, entries: ProjectionEntries) {
    this.#place = place;
    this.#entries = entries;
    this.#tables = new TableMoves(place);
  }

  /** @param lockMs How long it waits for the tables: who reads them waits as long. */
  async change(client: PoolClient, name: string, { change, lockMs }: ChangeRequest): Promise<KeptProjection> {
    return inTransaction(client, BEGIN, async () => {
      const projection = await this.#begin(client, name, (known) => (hasTables(change) ? tablesOf(known) : []), lockMs);
      await this.#carryOut(client, projection, change);
      await this.#place.raise(client, name);
      return this.#place.get(client, name);
    });
  }

  async remove(client: PoolClient, name: string, lockMs: number): Promise<boolean> {
    const { projections } = this.#place.names;
    return alone(client, async () => {
      if (!(await hasStateTables(client, this.#place.place))) return false;
      const known = await run(client, `SELECT 1 FROM ${projections} WHERE name = $1 FOR UPDATE`, [name]);
      if (known.length === 0) return false;
      const { generations } = await this.#begin(client, name, tablesOf, lockMs);
      for (const [nth, generation] of generations.entries()) await this.#forget(client, generation, generations.slice(nth + 1));
      await run(client, `DELETE FROM ${projections} WHERE name = $1`, [name]);
      return true;
    });
  }

  async replay(client: PoolClient, name: string, request: ReplayEntriesRequest): Promise<number> {
    return inTransaction(client, BEGIN, async () => {
      const projection = await this.#begin(client, name);
      const { generation } = liveIn(projection, this.#place.where).record;
      const count = await this.#entries.replay(client, { projection: name, generation }, request);
      if (count > 0) await this.#place.raise(client, name);
      return count;
    });
  }

  /** Errors: those of the work, too. */
  async amend(client: PoolClient, amendment: DriverAmendment<PoolClient>): Promise<void> {
    const { projection: name, lanes, work } = amendment;
    await inTransaction(client, BEGIN, async () => {
      const live = liveIn(await this.#begin(client, name), this.#place.where);
      refuseElsewhere(name, lanes, live.record.lanes);
      refuseOtherKind(amendment, live);
      if (work !== undefined) await runWithin(client, work, this.#place.namer(live));
      await this.#place.change(client, { ...amendment, entries: [] }, this.#place.changed(live));
      await this.#place.raise(client, name);
    });
  }

  /** Locks a projection, its lanes, and the tables that are wanted, and reads it as it is then. In the order of commits, so that none has to be given up. */
  async #begin(
    client: PoolClient,
    name: string,
    wanted: (projection: KeptProjection) => readonly string[] = () => [],
    lockMs = 0,
  ): Promise<KeptProjection> {
    await this.#place.lock(client, name);
    const known = await this.#place.get(client, name);
    const isOfDocuments = known.generations.some(({ documents }) => documents !== undefined);
    if (!isOfDocuments) await this.#place.lockLanes(client, name);
    await this.#lockTables(client, wanted(known), lockMs);
    if (isOfDocuments) await this.#place.lockLanes(client, name);
    return this.#place.get(client, name);
  }

  async #lockTables(client: PoolClient, tables: readonly string[], lockMs: number): Promise<void> {
    const there = await this.#place.onlyThere(client, tables);
    if (there.length === 0) return;
    await client.query(`SET LOCAL lock_timeout = ${lockMs}; LOCK TABLE ${there.join(", ")} IN ACCESS EXCLUSIVE MODE`);
  }

  async #carryOut(client: PoolClient, projection: KeptProjection, change: ProjectionChange): Promise<void> {
    switch (change.kind) {
      case "pause": {
        const pause = `UPDATE ${this.#place.names.projections} SET paused_until = to_timestamp($2::double precision / 1000) WHERE name = $1`;
        await run(client, pause, [projection.record.name, change.until?.getTime() ?? null]);
        break;
      }
      case "reset":
        return this.#reset(client, liveIn(projection, this.#place.where));
      case "swap":
        return this.#swap(client, projection, change);
      case "drop":
        return this.#drop(client, projection, change);
      default:
        return this.#divide(client, projection, change);
    }
  }

  async #reset(client: PoolClient, { projection, record: { generation }, tables }: KeptGeneration): Promise<void> {
    const { lanes, entries } = this.#place.names;
    await client.query(`TRUNCATE ${tables.map((table) => this.#place.whole(table)).join(", ")} RESTART IDENTITY`);
    await run(client, `DELETE FROM ${entries} WHERE projection = $1 AND generation = $2`, [projection, generation]);
    await run(client, `UPDATE ${lanes} SET position = NULL, handled = 0 WHERE projection = $1 AND generation = $2`, [
      projection,
      generation,
    ]);
  }

  async #swap(client: PoolClient, projection: KeptProjection, { generation: number, notBehind }: Change<"swap">): Promise<void> {
    const { name } = projection.record;
    const [live, next] = [liveIn(projection, this.#place.where), generationIn(projection, number, this.#place.where)];
    if (next === live) throw new ProjectionChanged(name, `has generation ${number} as its live one already`);
    if (notBehind && !isNotBehind(next.record.lanes, live.record.lanes))
      throw new ProjectionChanged(name, `has a live generation that is ahead of generation ${number}`);
    const retired = projection.generations.find((one) => one.record.status === "retired" && one !== next);
    if (retired !== undefined)
      await this.#forget(
        client,
        retired,
        projection.generations.filter((one) => one !== retired),
      );
    await this.#exchange(client, live, next);
    const { generations } = this.#place.names;
    await run(
      client,
      `UPDATE ${generations} SET status = CASE WHEN generation = $3 THEN 'live' ELSE 'retired' END WHERE projection = $1 AND generation IN ($2, $3)`,
      [name, live.record.generation, number],
    );
  }

  async #exchange(client: PoolClient, live: KeptGeneration, next: KeptGeneration): Promise<void> {
    try {
      await this.#tables.exchange(client, live, next);
    } catch (error) {
      throw nameTaken(error, this.#place.where);
    }
  }

  async #drop(client: PoolClient, projection: KeptProjection, { generation: number }: Change<"drop">): Promise<void> {
    const generation = generationIn(projection, number, this.#place.where);
    if (generation.record.status === "live")
      throw new ProjectionChanged(projection.record.name, `has generation ${number} as its live one`);
    await this.#forget(
      client,
      generation,
      projection.generations.filter((one) => one !== generation),
    );
  }

  async #divide(client: PoolClient, projection: KeptProjection, { generation: number, lanes: count }: Change<"lanes">): Promise<void> {
    const { record } = generationIn(projection, number, this.#place.where);
    const { name } = projection.record;
    const place = onePlace(name, record.lanes);
    const { lanes } = this.#place.names;
    await run(client, `DELETE FROM ${lanes} WHERE projection = $1 AND generation = $2`, [name, number]);
    await run(
      client,
      `INSERT INTO ${lanes} (projection, generation, lane, position, handled, fence, revision)
       SELECT $1, $2::integer, lane, $3::bigint, CASE WHEN lane = 0 THEN $4::bigint ELSE 0 END, $5::bigint, 0 FROM generate_series(0, $6::integer - 1) AS lane`,
      [name, number, place, record.handled, record.fence, count],
    );
  }

  async #forget(client: PoolClient, generation: KeptGeneration, others: readonly KeptGeneration[]): Promise<void> {
    const { lanes, entries, generations } = this.#place.names;
    await this.#tables.drop(client, generation, others);
    for (const table of [entries, lanes, generations])
      await run(client, `DELETE FROM ${table} WHERE projection = $1 AND generation = $2`, [
        generation.projection,
        generation.record.generation,
      ]);
  }
}

export interface ChangeRequest {
  readonly change: ProjectionChange;
  readonly lockMs: number;
}

/** Whether it needs the tables for itself. */
function hasTables({ kind }: ProjectionChange): boolean {
  return kind === "swap" || kind === "drop" || kind === "reset";
}

function tablesOf({ generations }: KeptProjection): readonly string[] {
  return generations.flatMap(({ tables }) => tables);
}
