import { InvalidArgument, ReactiveDomainError, sleep } from "@reactive-domain/core";
import {
  ForeignStore,
  ProjectionNotFound,
  type Acquisition,
  type Fence,
  type GenerationComparison,
  type GenerationPair,
  type GenerationRef,
  type ProjectionChange,
  type ProjectionEntry,
  type ProjectionMaking,
  type ProjectionRecord,
  type WorkerRequest,
} from "@reactive-domain/persistence";
import type {
  DriverAmendment,
  DriverCommit,
  EntriesRequest,
  ProjectionDriver,
  ReadModelShape,
  ReplayEntriesRequest,
  RowChanges,
} from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Database, type Lender } from "../../database.ts";
import { codeOf, postgresFailure } from "../../postgres-failure.ts";
import type { ReadModelName } from "../make-table.ts";
import type { ReadModelPlace } from "../table-names.ts";
import { ProjectionChanges } from "./changes.ts";
import { Commits } from "./commits.ts";
import { compareGenerations } from "./compare-generations.ts";
import { ProjectionEntries } from "./entries.ts";
import { isMissing } from "./is-missing.ts";
import { generationIn } from "./kept-projection.ts";
import { ProjectionLeases } from "./leases.ts";
import { GenerationMaker } from "./make-generation.ts";
import { OwnWorkFailed } from "./own-work.ts";
import { ProjectionPlace } from "./projection-place.ts";
import { documentsSql } from "./row-changes.ts";
import { hasStateTables } from "./state-tables.ts";
import { StatementValues } from "./statement-values.ts";

const FIRST_LOCK_MS = 100;
/** Below what PostgreSQL takes for a deadlock. */
const LONGEST_LOCK_MS = 800;
const PAUSE_MS = 50;
/** What a transaction says that is to be made again: it waited too long for a lock, or was given up for another one. */
const IN_THE_WAY: ReadonlySet<string | undefined> = new Set(["55P03", "40P01"]);

/** Projections in tables of a schema, beside the read models. */
export class PostgresProjections implements ProjectionDriver<PoolClient> {
  readonly #database: Database;
  readonly #answerTimeoutMs: number;
  readonly #inTime: Lender;
  readonly #place: ProjectionPlace;
  readonly #maker: GenerationMaker;
  readonly #leases: ProjectionLeases;
  readonly #entries: ProjectionEntries;
  readonly #changes: ProjectionChanges;
  readonly #commits: Commits;

  constructor(database: Database, place: ReadModelPlace, answerTimeoutMs: number) {
    this.#database = database;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#inTime = database.within(answerTimeoutMs);
    this.#place = new ProjectionPlace(database, place);
    this.#maker = new GenerationMaker(this.#place);
    this.#leases = new ProjectionLeases(this.#place);
    this.#entries = new ProjectionEntries(this.#place);
    this.#changes = new ProjectionChanges(this.#place, this.#entries);
    this.#commits = new Commits(this.#place, answerTimeoutMs);
  }

  async list(): Promise<readonly ProjectionRecord[]> {
    const all = await this.#ask(async (client) => this.#place.kept.list(client).catch(nothingWhereMissing([])));
    return all.map(({ record }) => record);
  }

  async find(name: string): Promise<ProjectionRecord | undefined> {
    return (await this.#ask((client) => this.#place.find(client, name)))?.record;
  }

  async define(making: ProjectionMaking<PoolClient>): Promise<ProjectionRecord> {
    return (await this.#owning(making.name, () => this.#database.trying((client) => this.#maker.define(client, making)))).record;
  }

  async build(making: ProjectionMaking<PoolClient>): Promise<ProjectionRecord> {
    return (await this.#owning(making.name, () => this.#database.trying((client) => this.#maker.build(client, making)))).record;
  }

  remove(name: string): Promise<boolean> {
    return this.#patiently((client, lockMs) => this.#changes.remove(client, name, lockMs));
  }

  async acquire(request: WorkerRequest): Promise<Acquisition> {
    const { projection: name, generation } = request;
    const taken = await this.#owning(name, () => this.#ask((client) => this.#leases.acquire(client, request)), generation);
    if ("heldBy" in taken) return taken;
    const { projection, ...acquired } = taken;
    this.#commits.learn(projection);
    return { ...acquired, record: projection.record };
  }

  async renew(request: WorkerRequest & { readonly fence: Fence }): Promise<ProjectionRecord | undefined> {
    const renewed = await this.#ask((client) => this.#leases.renew(client, request).catch(nothingWhereMissing(undefined)));
    if (renewed !== undefined) this.#commits.learn(renewed);
    return renewed?.record;
  }

  release(request: GenerationRef & { readonly fence: Fence }): Promise<void> {
    return this.#ask((client) => this.#leases.release(client, request).catch(nothingWhereMissing(undefined)));
  }

  commit(commit: DriverCommit<PoolClient>): Promise<void> {
    return this.#owning(commit.projection, () => this.#once((client) => this.#commits.commit(client, commit)), commit.generation);
  }

  async documents(
    ref: GenerationRef,
    { keys }: { readonly shape: ReadModelShape; readonly keys: RowChanges["deletes"] },
  ): Promise<readonly (string | undefined)[]> {
    return this.#owning(ref.projection, () => this.#ask((client) => this.#documents(client, ref, keys)), ref.generation);
  }

  async entries(ref: GenerationRef, request: EntriesRequest): Promise<readonly ProjectionEntry[]> {
    return this.#owning(
      ref.projection,
      () =>
        this.#ask(async (client) => {
          const found = await this.#entries.list(client, ref, request);
          if (found.length === 0) generationIn(await this.#place.get(client, ref.projection), ref.generation, this.#place.where);
          return found;
        }),
      ref.generation,
    );
  }

  replay(name: string, request: ReplayEntriesRequest): Promise<number> {
    return this.#owning(name, () => this.#once((client) => this.#changes.replay(client, name, request), this.#inTime));
  }

  async change(name: string, change: ProjectionChange): Promise<ProjectionRecord> {
    const changed = await this.#owning(name, () =>
      this.#patiently((client, lockMs) => this.#changes.change(client, name, { change, lockMs })),
    );
    return changed.record;
  }

  amend(amendment: DriverAmendment<PoolClient>): Promise<void> {
    const lender = amendment.work === undefined ? this.#inTime : this.#database;
    return this.#owning(amendment.projection, () => this.#once((client) => this.#changes.amend(client, amendment), lender));
  }

  compare(name: string, pair: Required<GenerationPair>): Promise<GenerationComparison> {
    return this.#owning(name, () => this.#database.trying((client) => compareGenerations(client, this.#place, { name, ...pair })));
  }

  /** Errors: `foreign-store` where a projection keeps its items there; PostgreSQL's own. */
  async refuseUse(client: PoolClient, { name, schemaVersion }: ReadModelName): Promise<void> {
    if (!(await hasStateTables(client, this.#place.place))) return;
    const used = `SELECT projection FROM ${this.#place.names.generations} WHERE model = $1 AND schema_version = $2 LIMIT 1`;
    const [row] = await run(client, used, [name, schemaVersion]);
    if (row === undefined) return;
    throw new ForeignStore(this.#place.where, `has ${name} as what projection ${row[0]} makes`, "Remove the projection instead.");
  }

  /** Under the name of the table there is another one after a swap: what is read tells the names of that moment with it. */
  async #documents(
    client: PoolClient,
    { projection, generation }: GenerationRef,
    keys: RowChanges["deletes"],
  ): Promise<readonly (string | undefined)[]> {
    for (let missing: string | undefined; ;) {
      const { documents, tables } = generationIn(await this.#place.get(client, projection), generation, this.#place.where);
      const [table = ""] = tables;
      if (documents === undefined) throw new InvalidArgument("projection", "one of documents", projection);
      if (keys.length === 0) return [];
      const values = new StatementValues();
      const is = `projection = ${values.bind(projection, "text")} AND generation = ${values.bind(generation, "integer")}`;
      const told = `(SELECT tables[1] FROM ${this.#place.names.generations} WHERE ${is})`;
      const statement = this.#place.statement(documentsSql(documents, this.#place.whole(table), { keys, values, told }));
      const rows = await run(client, statement, values.values).catch((error: unknown) => {
        if (!isMissing(error) || missing === table) throw error;
        missing = table;
        return [];
      });
      if (rows[0]?.[0] === table) return rows.map(([, json]) => json ?? undefined);
    }
  }

  /** What is short, and bears being repeated. Errors: those of `postgresFailure`. */
  #ask<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return this.#database.trying(work, this.#inTime);
  }

  /** What may have been done when its connection is lost is not done again: that is for the caller to say. */
  async #once<T>(work: (client: PoolClient) => Promise<T>, lender: Lender = this.#database): Promise<T> {
    try {
      return await lender.lend(work);
    } catch (error) {
      throw error instanceof ReactiveDomainError ? error : postgresFailure(error, this.#database.name);
    }
  }

  /** Waits for locks in small pieces, so that nobody waits long behind it. */
  async #patiently<T>(work: (client: PoolClient, lockMs: number) => Promise<T>): Promise<T> {
    const { runtime } = this.#database;
    const deadlineMs = runtime.clock.monotonicMs() + this.#answerTimeoutMs;
    for (let lockMs = FIRST_LOCK_MS; ; lockMs = Math.min(2 * lockMs, LONGEST_LOCK_MS)) {
      try {
        return await this.#inTime.lend((client) => work(client, lockMs));
      } catch (error) {
        const isInTheWay = error instanceof Error && !(error instanceof ReactiveDomainError) && IN_THE_WAY.has(codeOf(error));
        if (!isInTheWay || runtime.clock.monotonicMs() > deadlineMs)
          throw error instanceof ReactiveDomainError ? error : postgresFailure(error, this.#database.name);
      }
      await sleep(PAUSE_MS, { runtime });
    }
  }

  /** What a projection's own SQL has thrown goes back as it is; and where no projection ever was, there is none. */
  async #owning<T>(name: string, call: () => Promise<T>, generation?: number): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof OwnWorkFailed) throw error.cause;
      const { cause } = error instanceof Error ? error : { cause: undefined };
      if (isMissing(cause) && !(await this.#ask((client) => hasStateTables(client, this.#place.place))))
        throw new ProjectionNotFound(name, this.#place.where, generation);
      throw error;
    }
  }
}

/** For the failure of a statement: nothing is kept where no projection ever was. */
function nothingWhereMissing<T>(nothing: T): (error: unknown) => T {
  return (error) => {
    if (isMissing(error)) return nothing;
    throw error;
  };
}
