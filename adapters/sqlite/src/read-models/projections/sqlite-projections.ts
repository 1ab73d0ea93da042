import type { Runtime } from "@reactive-domain/core";
import type {
  Acquisition,
  Fence,
  GenerationComparison,
  GenerationPair,
  GenerationRef,
  ProjectionChange,
  ProjectionEntry,
  ProjectionMaking,
  ProjectionRecord,
  WorkerRequest,
} from "@reactive-domain/persistence";
import type {
  DriverAmendment,
  DriverCommit,
  EntriesRequest,
  MaybePromise,
  ProjectionDriver,
  ReadModelRow,
  ReplayEntriesRequest,
} from "@reactive-domain/persistence/adapter";
import type { Database } from "better-sqlite3";
import { sqliteFailure } from "../../sqlite-failure.ts";
import type { FileAccess } from "../file-access.ts";
import { compareGenerations } from "./compare-generations.ts";
import { GenerationMaker } from "./generation-maker.ts";
import type { Thrown } from "./guarded-work.ts";
import { ProjectionChanges } from "./projection-changes.ts";
import { ProjectionCommits } from "./projection-commits.ts";
import { ProjectionParts } from "./projection-parts.ts";
import { WorkerLeases } from "./worker-leases.ts";

export interface SqliteProjectionsOptions {
  readonly database: Database;
  /** What errors call the file. */
  readonly name: string;
  readonly runtime: Runtime;
  readonly access: FileAccess;
}

/** What is done to projections, by who does it. */
class Doers {
  readonly parts: ProjectionParts;
  readonly maker: GenerationMaker;
  readonly leases: WorkerLeases;
  readonly commits: ProjectionCommits;
  readonly changes: ProjectionChanges;

  constructor({ database, name, runtime }: SqliteProjectionsOptions) {
    this.parts = new ProjectionParts(database, name, runtime);
    this.maker = new GenerationMaker(this.parts);
    this.leases = new WorkerLeases(this.parts);
    this.commits = new ProjectionCommits(this.parts);
    this.changes = new ProjectionChanges(this.parts);
  }
}

/** Projections in the file of read models. What they need is made at the first call. */
export class SqliteProjections implements ProjectionDriver<Database> {
  readonly #options: SqliteProjectionsOptions;
  #doers: Doers | undefined;

  constructor(options: SqliteProjectionsOptions) {
    this.#options = options;
  }

  list(): Promise<readonly ProjectionRecord[]> {
    return this.#reading(({ parts }) => parts.catalog.list());
  }

  find(name: string): Promise<ProjectionRecord | undefined> {
    return this.#reading(({ parts }) => parts.catalog.find(name));
  }

  async define(making: ProjectionMaking<Database>): Promise<ProjectionRecord> {
    return unlessThrown(await this.#changing(({ maker }) => maker.define(making)));
  }

  async build(making: ProjectionMaking<Database>): Promise<ProjectionRecord> {
    return unlessThrown(await this.#changing(({ maker }) => maker.build(making)));
  }

  remove(name: string): Promise<boolean> {
    return this.#changingTables(({ maker }) => maker.remove(name));
  }

  acquire(request: WorkerRequest): Promise<Acquisition> {
    return this.#changing(({ leases }) => leases.acquire(request));
  }

  renew(request: WorkerRequest & { readonly fence: Fence }): Promise<ProjectionRecord | undefined> {
    return this.#changing(({ leases }) => leases.renew(request));
  }

  release(request: GenerationRef & { readonly fence: Fence }): Promise<void> {
    return this.#changing(({ leases }) => leases.release(request));
  }

  async commit(commit: DriverCommit<Database>): Promise<void> {
    const weight = Math.max(1, commit.puts.length + commit.deletes.length + commit.entries.length, commit.handled);
    unlessThrown(await this.#changing(({ commits }) => commits.commit(commit), weight));
  }

  documents(ref: GenerationRef, { keys }: { readonly keys: readonly ReadModelRow["key"][] }): Promise<readonly (string | undefined)[]> {
    return this.#reading(({ parts }) => parts.documentsOf(parts.catalog.generation(ref)).get(keys));
  }

  entries(ref: GenerationRef, request: EntriesRequest): Promise<readonly ProjectionEntry[]> {
    return this.#reading(({ parts }) => parts.entries.find(parts.catalog.generation(ref), request));
  }

  replay(name: string, request: ReplayEntriesRequest): Promise<number> {
    return this.#changing(({ changes }) => changes.replay(name, request));
  }

  change(name: string, change: ProjectionChange): Promise<ProjectionRecord> {
    return this.#changingTables(({ changes }) => changes.change(name, change));
  }

  async amend(amendment: DriverAmendment<Database>): Promise<void> {
    unlessThrown(await this.#changing(({ commits }) => commits.amend(amendment), amendment.puts.length + 1));
  }

  compare(name: string, pair: Required<GenerationPair>): Promise<GenerationComparison> {
    const { database, name: where } = this.#options;
    return compareGenerations({ path: database.name, where }, name, pair);
  }

  async #reading<T>(read: (doers: Doers) => T): Promise<T> {
    const doers = await this.#ready();
    return this.#options.access.reading(() => read(doers));
  }

  async #changing<T>(change: (doers: Doers) => T, weight = 1): Promise<T> {
    const doers = await this.#ready();
    return this.#options.access.changing(() => change(doers), weight);
  }

  /** What others have made in the file may be in the way of it: then it fails by itself. */
  async #changingTables<T>(change: (doers: Doers) => T): Promise<T> {
    const outcome = await this.#changing((doers) => {
      const done: T[] = [];
      return doers.parts.work.run(() => void done.push(this.#deferring(() => change(doers)))) ?? { done };
    });
    if ("thrown" in outcome) throw sqliteFailure(outcome.thrown, this.#options.name);
    return outcome.done[0] as T;
  }

  /** Tables of a projection may refer to each other: they are emptied and removed in any order. */
  #deferring<T>(change: () => T): T {
    const { database } = this.#options;
    database.pragma("defer_foreign_keys = ON");
    try {
      return change();
    } finally {
      database.pragma("defer_foreign_keys = OFF");
    }
  }

  #ready(): MaybePromise<Doers> {
    return this.#doers ?? this.#options.access.looking(() => (this.#doers ??= new Doers(this.#options)));
  }
}

/** Throws what a projection's own SQL threw, as it is. */
function unlessThrown<T>(outcome: T | Thrown): T {
  if (typeof outcome === "object" && outcome !== null && "thrown" in outcome) throw outcome.thrown;
  return outcome;
}
