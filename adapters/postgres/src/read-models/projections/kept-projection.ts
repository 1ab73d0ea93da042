import type { Position } from "@reactive-domain/core";
import {
  ProjectionNotFound,
  type EntryCounts,
  type Fence,
  type GenerationRecord,
  type GenerationStatus,
  type ProjectionRecord,
} from "@reactive-domain/persistence";
import { NO_ENTRIES, type KeptMaking } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Database, type TextRow } from "../../database.ts";
import type { ProjectionNames } from "./projection-names.ts";

/** What a generation of documents is made for. */
export type KeptDocuments = Extract<KeptMaking, { readonly kind: "documents" }> & { readonly indexes: readonly (readonly string[])[] };

/** What is kept of a generation, its tables with it. */
export interface KeptGeneration {
  readonly projection: string;
  readonly record: GenerationRecord;
  /** What it was made for, as text. */
  readonly making: string;
  readonly documents: KeptDocuments | undefined;
  /** The own tables as they are called in the definition; that of documents has none. */
  readonly own: readonly string[];
  /** What the tables are called in their schema now, in the same order. */
  readonly tables: readonly string[];
}

export interface KeptProjection {
  readonly record: ProjectionRecord;
  readonly generations: readonly KeptGeneration[];
  /** The clock of the server when this was read. */
  readonly nowMs: number;
}

/** Reads what is kept of projections: of one, or of all by name. Errors: PostgreSQL's own. */
export class KeptProjections {
  readonly #one: ReturnType<Database["kept"]>;
  readonly #all: ReturnType<Database["kept"]>;

  constructor(database: Pick<Database, "kept">, names: ProjectionNames) {
    this.#one = database.kept(`${selectSql(names)} WHERE p.name = $1 ORDER BY g.generation`);
    this.#all = database.kept(`${selectSql(names)} ORDER BY p.name, g.generation`);
  }

  async find(client: PoolClient, name: string): Promise<KeptProjection | undefined> {
    return projectionOf(await run(client, this.#one, [name]));
  }

  async list(client: PoolClient): Promise<readonly KeptProjection[]> {
    const byName = new Map<string, TextRow[]>();
    for (const row of await run(client, this.#all)) {
      const name = row[0] ?? "";
      const rows = byName.get(name) ?? [];
      byName.set(name, rows);
      rows.push(row);
    }
    return [...byName.values()].flatMap((rows) => projectionOf(rows) ?? []);
  }
}

/** Errors: `projection-not-found`. */
export function generationIn({ record, generations }: Omit<KeptProjection, "nowMs">, number: number, where: string): KeptGeneration {
  const generation = generations.find((one) => one.record.generation === number);
  if (generation === undefined) throw new ProjectionNotFound(record.name, where, number);
  return generation;
}

export function liveIn({ record, generations }: KeptProjection, where: string): KeptGeneration {
  const live = generations.find((one) => one.record.status === "live");
  if (live === undefined) throw new ProjectionNotFound(record.name, where);
  return live;
}

/** Milliseconds of a point in time. */
export function msSql(time: string): string {
  return `round(extract(epoch FROM ${time}) * 1000)`;
}

function selectSql({ projections, generations, lanes, entries }: ProjectionNames): string {
  const ofGeneration = (alias: string): string => `${alias}.projection = g.projection AND ${alias}.generation = g.generation`;
  return `SELECT p.name, p.revision, ${msSql("p.paused_until")}, ${msSql("clock_timestamp()")}, g.generation, g.status, g.version, g.making,
  g.indexes, to_json(g.own_tables), to_json(g.tables), ${msSql("g.made_at")}, g.worker, ${msSql("g.lease_until")}, g.fence,
  (SELECT json_agg(l.position ORDER BY l.lane) FROM ${lanes} l WHERE ${ofGeneration("l")}), (SELECT sum(l.handled) FROM ${lanes} l WHERE ${ofGeneration("l")}),
  (SELECT json_object_agg(c.state, c.count) FROM (SELECT e.state, count(*) FROM ${entries} e WHERE ${ofGeneration("e")} GROUP BY e.state) c)
FROM ${projections} p JOIN ${generations} g ON g.projection = p.name`;
}

function projectionOf(rows: readonly TextRow[]): KeptProjection | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const [name, revision, pausedUntil, now] = first;
  const generations = rows.map((row) => generationOf(name ?? "", row.slice(4)));
  const record = {
    name: name ?? "",
    revision: Number(revision),
    pausedUntil: dateOf(pausedUntil),
    generations: generations.map((one) => one.record),
  };
  return { record, generations, nowMs: Number(now) };
}

function generationOf(projection: string, row: TextRow): KeptGeneration {
  const [generation, status, version, making, indexes, own, tables, ...rest] = row;
  const [madeAt, worker, leaseUntil, fence, lanes, handled, entries] = rest;
  const record = {
    generation: Number(generation),
    status: status as GenerationStatus,
    version: Number(version),
    lanes: parsed<readonly (Position | null)[]>(lanes) ?? [],
    handled: Number(handled ?? 0),
    madeAt: new Date(Number(madeAt)),
    worker: worker ?? null,
    leaseUntil: dateOf(leaseUntil),
    fence: isNothing(fence) ? null : (Number(fence) as Fence),
    entries: { ...NO_ENTRIES, ...parsed<Partial<EntryCounts>>(entries) },
  };
  return {
    projection,
    record,
    making: making ?? "",
    documents: documentsOf(JSON.parse(making ?? "") as KeptMaking, indexes),
    own: parsed<readonly string[]>(own) ?? [],
    tables: parsed<readonly string[]>(tables) ?? [],
  };
}

type Text = string | null | undefined;

function documentsOf(making: KeptMaking, indexes: Text): KeptDocuments | undefined {
  return making.kind === "tables" ? undefined : { ...making, indexes: parsed<KeptDocuments["indexes"]>(indexes) ?? [] };
}

function dateOf(ms: Text): Date | null {
  return isNothing(ms) ? null : new Date(Number(ms));
}

function parsed<T>(text: Text): T | undefined {
  return isNothing(text) ? undefined : (JSON.parse(text) as T);
}

function isNothing(text: Text): text is null | undefined {
  return text === null || text === undefined;
}
