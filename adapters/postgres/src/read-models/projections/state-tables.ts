import type { PoolClient } from "pg";
import { isThere, schemaSql } from "../make-table.ts";
import type { ReadModelPlace } from "../table-names.ts";
import { projectionNames } from "./projection-names.ts";

/** Makes what is missing of the tables that tell of projections. One after another: within `alone`. Who finds them needs no right to make any. */
export async function makeStateTables(client: PoolClient, place: ReadModelPlace): Promise<void> {
  if (!(await hasStateTables(client, place))) await client.query(`${schemaSql(place)};\n${stateSql(place)}`);
}

export function hasStateTables(client: PoolClient, place: ReadModelPlace): Promise<boolean> {
  return isThere(client, projectionNames(place).entries);
}

/**
 * What a commit must find as its worker believes it stands in the row of its lane, too: that row alone is locked, looked at and moved by a commit. Who changes a projection or
 * takes it over changes those rows with it.
 */
function stateSql(place: ReadModelPlace): string {
  const { projections, generations, lanes, entries, fences, index } = projectionNames(place);
  return `CREATE SEQUENCE IF NOT EXISTS ${fences};
CREATE TABLE IF NOT EXISTS ${projections} (
  name text COLLATE "C" PRIMARY KEY,
  revision bigint NOT NULL DEFAULT 1,
  paused_until timestamptz,
  last_generation integer NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS ${generations} (
  projection text COLLATE "C" NOT NULL REFERENCES ${projections},
  generation integer NOT NULL,
  status text NOT NULL,
  version integer NOT NULL,
  making text NOT NULL,
  model text COLLATE "C",
  schema_version integer,
  indexes text,
  own_tables text[],
  tables text[] NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  worker text,
  lease_until timestamptz,
  fence bigint,
  PRIMARY KEY (projection, generation)
);
CREATE TABLE IF NOT EXISTS ${lanes} (
  projection text COLLATE "C" NOT NULL,
  generation integer NOT NULL,
  lane integer NOT NULL,
  position bigint,
  handled bigint NOT NULL DEFAULT 0,
  fence bigint,
  revision bigint NOT NULL,
  paused_until timestamptz,
  PRIMARY KEY (projection, generation, lane)
) WITH (fillfactor = 50);
${entriesSql(entries, index)}`;
}

function entriesSql(entries: string, index: ReturnType<typeof projectionNames>["index"]): string {
  return `CREATE TABLE IF NOT EXISTS ${entries} (
  projection text COLLATE "C" NOT NULL,
  generation integer NOT NULL,
  position bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  state text NOT NULL,
  attempts integer NOT NULL,
  error text NOT NULL,
  size integer NOT NULL,
  since timestamptz NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS ${index("entries_by_key")} ON ${entries} (projection, generation, hashtextextended(key, 0), position);
CREATE INDEX IF NOT EXISTS ${index("entries_by_position")} ON ${entries} (projection, generation, position)`;
}
