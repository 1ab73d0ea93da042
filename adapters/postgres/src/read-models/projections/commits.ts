import { ProjectionNotFound } from "@reactive-domain/persistence";
import { refuseCommit, type DriverCommit } from "@reactive-domain/persistence/adapter";
import type { PoolClient } from "pg";
import { run, type Database, type TextRow } from "../../database.ts";
import { DURABLY, READ_COMMITTED } from "../../in-transaction.ts";
import { isConnectionLost } from "../../postgres-failure.ts";
import { DURABLE } from "../item-statements.ts";
import { isMissing } from "./is-missing.ts";
import { generationIn, type KeptGeneration, type KeptProjection } from "./kept-projection.ts";
import { guardOfAllSql, guardSql } from "./lane-guard.ts";
import { isSameTransactionSql, ownWorkProblem, OwnWorkFailed, runOwnWork } from "./own-work.ts";
import type { ProjectionPlace } from "./projection-place.ts";
import { changesSql, refuseOtherKind } from "./row-changes.ts";
import { StatementValues } from "./statement-values.ts";

type Commit = DriverCommit<PoolClient>;

/** The commits of workers: one statement where it can be, a transaction where SQL of the projection's own runs in it. */
export class Commits {
  readonly #database: Database;
  readonly #place: ProjectionPlace;
  readonly #answerTimeoutMs: number;
  readonly #begin: string;
  /** As they were read last. Where revision and fence are the same, so are the names of the tables. */
  readonly #known = new Map<string, KeptProjection>();

  constructor(place: ProjectionPlace, answerTimeoutMs: number) {
    this.#database = place.database;
    this.#place = place;
    this.#answerTimeoutMs = answerTimeoutMs;
    // One whose worker is gone without a word must not lock others out for ever.
    const idle = `SELECT set_config('idle_in_transaction_session_timeout', '${answerTimeoutMs}', true) WHERE current_setting('idle_in_transaction_session_timeout') = '0'`;
    this.#begin = `${READ_COMMITTED}; ${DURABLY}; ${idle}`;
  }

  /** To be called with what was read of a projection, so that a commit need not read it. */
  learn(projection: KeptProjection): void {
    this.#known.set(projection.record.name, projection);
  }

  /** Errors: those of the port, those of the work as {@link OwnWorkFailed}, PostgreSQL's own. */
  async commit(client: PoolClient, commit: Commit): Promise<void> {
    for (let missing = 0; ;) {
      const generation = await this.#generationOf(client, commit);
      refuseOtherKind(commit, generation);
      try {
        if (await this.#isDone(client, commit, generation)) return;
      } catch (error) {
        // Under the name of its table there was none: it may have another one by now.
        if (!isMissing(error) || missing++ > 0) throw error;
      }
      // What was refused by the row of its lane is refused by what is kept; otherwise it is no more, and the commit is made again.
      refuseStale(commit, await this.#read(client, commit), this.#database.name);
    }
  }

  async #generationOf(client: PoolClient, commit: Commit): Promise<KeptGeneration> {
    const known = this.#known.get(commit.projection);
    const isRight =
      known?.record.revision === commit.revision &&
      known.generations.some(({ record }) => record.generation === commit.generation && record.fence === commit.fence);
    const projection = isRight ? known : await this.#read(client, commit);
    if (!isRight) refuseStale(commit, projection, this.#database.name);
    return generationIn(projection, commit.generation, this.#database.name);
  }

  async #read(client: PoolClient, { projection: name }: Commit): Promise<KeptProjection> {
    const projection = await this.#inTime(client, () => this.#place.kept.find(client, name));
    if (projection === undefined) throw new ProjectionNotFound(name, this.#database.name);
    this.learn(projection);
    return projection;
  }

  #isDone(client: PoolClient, commit: Commit, generation: KeptGeneration): Promise<boolean> {
    const isOne = commit.work === undefined && commit.moves.length <= 1;
    return isOne ? this.#inOne(client, commit, generation) : this.#inSeveral(client, commit, generation);
  }

  async #inOne(client: PoolClient, commit: Commit, generation: KeptGeneration): Promise<boolean> {
    const values = new StatementValues();
    const guard = guardSql(this.#place.names, commit, values);
    const parts = changesSql(commit, this.#place.changed(generation), { values, guard: "moved" });
    const statement = this.#place.statement(`WITH ${[`moved AS (${guard})`, ...parts].join(", ")} SELECT ${DURABLE} FROM moved`);
    const rows = await this.#inTime(client, () => run(client, statement, values.values));
    return rows.length > 0;
  }

  async #inSeveral(client: PoolClient, commit: Commit, generation: KeptGeneration): Promise<boolean> {
    try {
      const moved = await this.#inTime(client, () => lastRows(client, `${this.#begin}; ${guardOfAllSql(this.#place.names, commit)}`));
      const transaction = moved[0]?.[0];
      if (typeof transaction !== "string" || moved.length < commit.moves.length) {
        await client.query("ROLLBACK");
        return false;
      }
      if (commit.work !== undefined) await runOwnWork(client, commit.work, this.#place.namer(generation));
      await this.#inTime(client, () => this.#end(client, transaction, { commit, generation }));
      return true;
    } catch (error) {
      throw await undone(client, error);
    }
  }

  async #end(client: PoolClient, transaction: string, { commit, generation }: Ending): Promise<void> {
    const values = new StatementValues();
    const same = `same AS MATERIALIZED (SELECT ${isSameTransactionSql(values.bind(transaction, "text"))})`;
    const parts = changesSql(commit, this.#place.changed(generation), { values, guard: "same" });
    try {
      if (parts.length > 0) await run(client, this.#place.statement(`WITH ${[same, ...parts].join(", ")} SELECT 1`), values.values);
      await client.query(`SELECT ${isSameTransactionSql(`'${transaction}'`)}; COMMIT`);
    } catch (error) {
      throw ownWorkProblem(error);
    }
  }

  #inTime<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
    return this.#database.inTime(client, this.#answerTimeoutMs, work);
  }
}

interface Ending {
  readonly commit: Commit;
  readonly generation: KeptGeneration;
}

/** Errors: `projection-not-found`, and those of a commit that is refused. */
function refuseStale(commit: Commit, { record, generations, nowMs }: KeptProjection, where: string): void {
  const { fence, lanes, status } = generationIn({ record, generations }, commit.generation, where).record;
  refuseCommit(commit, { revision: record.revision, pausedUntilMs: record.pausedUntil?.getTime() ?? null, fence, lanes, status, nowMs });
}

/** What the last of several statements gives. */
async function lastRows(client: PoolClient, text: string): Promise<readonly TextRow[]> {
  const results: unknown = await client.query({ text, rowMode: "array" });
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return (last as { readonly rows: readonly TextRow[] }).rows;
}

/** What is to be told of a failure, when all that was done is undone. A connection that does not even undo it is what failed. */
async function undone(client: PoolClient, failure: unknown): Promise<unknown> {
  try {
    await client.query("ROLLBACK");
    return failure;
  } catch (error) {
    return failure instanceof OwnWorkFailed && isConnectionLost(error) ? error : failure;
  }
}
