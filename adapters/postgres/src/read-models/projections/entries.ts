import type { Position } from "@reactive-domain/core";
import type { EntryState, GenerationRef, ProjectionEntry } from "@reactive-domain/persistence";
import type { EntriesRequest, ReplayEntriesRequest } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Statement, type TextRow } from "../../database.ts";
import { withoutNul } from "../../content.ts";
import { keptKey, keyOfKept } from "./entry-key.ts";
import { msSql } from "./kept-projection.ts";
import type { ProjectionNames } from "./projection-names.ts";
import type { ProjectionPlace } from "./projection-place.ts";

const OF_GENERATION = "e.projection = $1 AND e.generation = $2";
const ORDER = "ORDER BY e.position, e.key";

/** Entries of generations. Errors: PostgreSQL's own. */
export class ProjectionEntries {
  readonly #names: ProjectionNames;
  readonly #listed: Readonly<Record<"all" | "ofKey", Statement>>;

  constructor({ database, names }: ProjectionPlace) {
    const selected = `SELECT e.position, e.key, e.state, e.attempts, e.error, e.size, ${msSql("e.since")} FROM ${names.entries} e WHERE ${OF_GENERATION}`;
    const wanted = "e.position > $3 AND ($4::text[] IS NULL OR e.state = ANY ($4))";
    this.#names = names;
    this.#listed = {
      all: database.kept(`${selected} AND ${wanted} ${ORDER} LIMIT $5`),
      ofKey: database.kept(
        `${selected} AND ${wanted} AND hashtextextended(e.key, 0) = hashtextextended($6::text, 0) AND e.key = $6 ${ORDER} LIMIT $5`,
      ),
    };
  }

  async list(client: PoolClient, { projection, generation }: GenerationRef, request: EntriesRequest): Promise<readonly ProjectionEntry[]> {
    const { states, key, after = -1, limit } = request;
    const values = [projection, generation, after, states ?? null, limit];
    const rows = await (key === undefined
      ? run(client, this.#listed.all, values)
      : run(client, this.#listed.ofKey, [...values, keptKey(key)]));
    return rows.map(entryOf);
  }

  /** Has parked entries tried again, and tells how many. */
  async replay(client: PoolClient, { projection, generation }: GenerationRef, request: ReplayEntriesRequest): Promise<number> {
    const { entries } = this.#names;
    const { positions, error, limit } = request;
    const rows = await run(
      client,
      `WITH chosen AS (SELECT e.position, e.key FROM ${entries} e WHERE ${OF_GENERATION} AND e.state = 'parked' AND ($3::bigint[] IS NULL OR e.position = ANY ($3))
         AND ($4::text IS NULL OR strpos(e.error, $4) > 0) ${ORDER} LIMIT $5::bigint),
       changed AS (UPDATE ${entries} e SET state = 'replay', attempts = 0, since = clock_timestamp() FROM chosen c
         WHERE ${OF_GENERATION} AND e.position = c.position AND hashtextextended(e.key, 0) = hashtextextended(c.key, 0) AND e.key = c.key RETURNING 1)
       SELECT count(*) FROM changed`,
      [projection, generation, positions ?? null, error === undefined ? null : withoutNul(error.toWellFormed()), limit ?? null],
    );
    return Number(rows[0]?.[0]);
  }
}

function entryOf([position, key, state, attempts, error, size, since]: TextRow): ProjectionEntry {
  return {
    position: Number(position) as Position,
    key: keyOfKept(key ?? ""),
    state: state as EntryState,
    attempts: Number(attempts),
    error: error ?? "",
    size: Number(size),
    since: new Date(Number(since)),
  };
}
