import { createHash } from "node:crypto";
import { sleep, type Runtime } from "@reactive-domain/core";
import type { Pool, PoolClient, QueryArrayConfig } from "pg";
import { LentConnections } from "./lent-connections.ts";
import { isConnectionLost, postgresFailure } from "./postgres-failure.ts";

/** A row as PostgreSQL sends it: text, column by column. */
export type TextRow = readonly (string | null)[];

export interface DatabaseOptions {
  readonly pool: Pool;
  /** Lets go of the pool. */
  readonly onClose: () => Promise<void>;
  /** What errors call the store. */
  readonly name: string;
  /** Whether statements keep their plans on their connection. */
  readonly prepare: boolean;
  /** How long a server that is away is waited for. */
  readonly retryForMs: number;
  /** How long what is short waits for its answer, and the end for what is under way. Default: {@link ANSWER_TIMEOUT_MS}. */
  readonly answerTimeoutMs?: number;
  readonly runtime: Runtime;
}

/** A statement with its name, by which a connection knows it again. */
export interface Statement {
  readonly text: string;
  readonly name: string | undefined;
}

/** Lends connections. Errors: PostgreSQL's own, and those of the work. */
export interface Lender {
  /** Has a connection for a while. */
  lend<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
}

export const ANSWER_TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
/** For what was given up to come to its end. */
const LAST_MS = 1_000;

/** No value is parsed before it is asked for, and nobody else's parsers are touched. */
const AS_TEXT = { getTypeParser: () => asText };

/** A server, by way of a pool. What fails because a connection failed is tried again on another one, for a time. */
export class Database implements Lender {
  readonly name: string;
  readonly runtime: Runtime;
  readonly #options: DatabaseOptions;
  readonly #connections: LentConnections;
  readonly #answerTimeoutMs: number;
  readonly #inTime: Lender;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.name = options.name;
    this.runtime = options.runtime;
    this.#connections = new LentConnections(options.pool, options.runtime);
    this.#answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#inTime = this.within(this.#answerTimeoutMs);
  }

  /** A statement that connections keep the plan of, as one of several where its plan has its time. */
  kept(text: string, age = ""): Statement {
    const name = `rd_${createHash("sha256").update(text).digest("base64url").slice(0, 20)}${age}`;
    return { text, name: this.#options.prepare ? name : undefined };
  }

  /** Runs a statement, which must bear being repeated. Errors: those of {@link postgresFailure}. */
  async query(statement: Statement | string, values: readonly unknown[] = [], lender: Lender = this): Promise<TextRow[]> {
    return this.trying((client) => run(client, statement, values), lender);
  }

  /** As {@link query}, for what is short: a connection on which it has no answer in time is given up. */
  async ask(statement: Statement | string, values: readonly unknown[] = []): Promise<TextRow[]> {
    return this.query(statement, values, this.#inTime);
  }

  /** Lends connections that are destroyed where what is done on them takes longer than that: it fails then, as one that was lost. */
  within(timeoutMs: number): Lender {
    return { lend: (work) => this.lend((client) => this.inTime(client, timeoutMs, () => work(client))) };
  }

  /** As {@link within}, on a connection that was borrowed. */
  inTime<T>(client: PoolClient, timeoutMs: number, work: () => Promise<T>): Promise<T> {
    return this.#connections.inTime(client, timeoutMs, work);
  }

  /** Has a connection for a while, and again another one where it fails: `work` must bear being repeated. Errors: those of {@link postgresFailure}. */
  async trying<T>(work: (client: PoolClient) => Promise<T>, lender: Lender = this): Promise<T> {
    const { runtime, retryForMs } = this.#options;
    let deadlineMs: number | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return await lender.lend(work);
      } catch (error) {
        const nowMs = runtime.clock.monotonicMs();
        deadlineMs ??= nowMs + retryForMs;
        const isLast = this.#connections.isGivenUp || nowMs + pauseMs > deadlineMs;
        if (isLast || !isConnectionLost(error)) throw postgresFailure(error, this.name);
        await sleep(pauseMs, { runtime });
      }
    }
  }

  async lend<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.borrow();
    let failure: unknown;
    try {
      return await work(client);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // What a statement refused leaves the connection as it was.
      this.giveBack(client, isConnectionLost(failure));
    }
  }

  /** A connection of the pool, to be given back by its user. Errors: PostgreSQL's own. */
  borrow(): Promise<PoolClient> {
    return this.#connections.borrow();
  }

  /** Gives back what was borrowed. One that is broken, or not for others, is destroyed. */
  giveBack(client: PoolClient, isBroken: boolean): void {
    this.#connections.giveBack(client, isBroken);
  }

  /** Lets go of the pool, when what is to be finished before is done. What has no answer in time is given up, and fails. */
  async close(finish: () => Promise<void> = async () => undefined): Promise<void> {
    const { scheduler } = this.runtime;
    const cancelGivingUp = scheduler.after(this.#answerTimeoutMs, () => this.#connections.giveUp());
    let cancelWaiting = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      cancelWaiting = scheduler.after(this.#answerTimeoutMs + LAST_MS, resolve);
    });
    try {
      await Promise.race([finish().then(this.#options.onClose), waiting]);
    } finally {
      cancelGivingUp();
      cancelWaiting();
    }
  }
}

/** Runs a statement on a connection. */
export async function run(client: PoolClient, statement: Statement | string, values: readonly unknown[] = []): Promise<TextRow[]> {
  const { text, name } = typeof statement === "string" ? { text: statement, name: undefined } : statement;
  const query: QueryArrayConfig = {
    text,
    ...(name !== undefined && { name }),
    values: values as unknown[],
    rowMode: "array",
    types: AS_TEXT,
  };
  const { rows } = await client.query<(string | null)[]>(query);
  return rows;
}

function asText(value: string): string {
  return value;
}
