import { position, type Position } from "@reactive-domain/core";
import type { Acquisition, ProjectionCommit, ProjectionMaking, ProjectionStore, ReadModels } from "@reactive-domain/persistence";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import type { Database } from "better-sqlite3";
import { onTestFinished } from "vitest";
import { temporaryFile } from "../../temporary-file.ts";

export const NAME = "balances";

type Create = Extract<ProjectionMaking<Database>["shape"], { readonly kind: "tables" }>["create"];
type Work = NonNullable<ProjectionCommit<Database>["work"]>;

export const create: Create = (connection, table) =>
  connection.exec(
    `CREATE TABLE ${table("balances")} (account TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0));
     CREATE TABLE ${table("lines")} (no INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT REFERENCES ${table("balances")} (account) DEFERRABLE INITIALLY DEFERRED, text);
     CREATE INDEX ${table("lines_by_account")} ON ${table("lines")} (account)`,
  );

/** A projection of two tables. */
export function balances(
  version = 1,
  more: Partial<{ readonly tables: readonly string[]; readonly create: Create }> = {},
): ProjectionMaking<Database> {
  return { name: NAME, version, shape: { kind: "tables", tables: ["balances", "lines"], create, ...more } };
}

/** Adds to a balance. */
export function add(account: string, cents: number): Work {
  return (connection, table) =>
    connection
      .prepare(`INSERT INTO ${table("balances")} VALUES (?, ?) ON CONFLICT DO UPDATE SET cents = cents + excluded.cents`)
      .run(account, cents);
}

export interface OpenFile {
  readonly path: string;
  readonly models: ReadModels<Database>;
  readonly projections: ProjectionStore<Database>;
}

export async function openFile(path = temporaryFile()): Promise<OpenFile> {
  const models = await openSqliteReadModels(path);
  onTestFinished(() => models.close());
  return { path, models, projections: models.projections };
}

/** Who works on a generation of tables. */
export class TableWorker {
  readonly granted: Extract<Acquisition, { readonly record: unknown }>;
  readonly generation: number;
  revision: number;
  place: Position | null = null;
  readonly #projections: ProjectionStore<Database>;

  private constructor(projections: ProjectionStore<Database>, generation: number, granted: TableWorker["granted"]) {
    this.#projections = projections;
    this.generation = generation;
    this.granted = granted;
    this.revision = granted.record.revision;
  }

  static async of(projections: ProjectionStore<Database>, generation = 1, name = NAME): Promise<TableWorker> {
    const granted = await projections.acquire({ projection: name, generation, worker: "ann", leaseMs: 600_000 });
    if ("heldBy" in granted) throw new Error(`${granted.heldBy} has it`);
    return new TableWorker(projections, generation, granted);
  }

  async work(work: Work, to?: number): Promise<void> {
    const target = to === undefined ? this.place : position(to);
    await this.#projections.commit({
      projection: this.granted.record.name,
      generation: this.generation,
      fence: this.granted.fence,
      revision: this.revision,
      moves: to === undefined ? [] : [{ lane: 0, expected: this.place, position: target }],
      handled: 1,
      entries: [],
      settled: [],
      work,
    });
    this.place = target;
  }
}
