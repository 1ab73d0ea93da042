import type { AppendItem, ScavengeResult, WriteItem, WriteResult } from "@reactive-domain/persistence";
import type { PoolClient } from "pg";
import { run, type Database, type Statement, type TextRow } from "./database.ts";
import { HeldConnection } from "./held-connection.ts";
import { Notifier } from "./notifier.ts";
import type { Names } from "./schema/names.ts";
import { singleAppend, singleOutcome, singleValues } from "./single-append.ts";
import { WriteBatch } from "./write-batch.ts";
import { outcomesOf, type WriteOutcome } from "./write-outcome.ts";
import { WriteQueue } from "./write-queue.ts";

export interface StoreWriterOptions {
  readonly database: Database;
  readonly names: Names;
  /** What other stores listen to. */
  readonly channel: string | undefined;
  readonly origin: string;
  /** Tells this store's own listeners. */
  readonly onCommit: () => void;
}

const PARAMETERS = Array.from({ length: 20 }, (_, index) => `$${index + 1}`).join();

/** Commits writes, those together that arrive together. */
export class StoreWriter {
  readonly #options: StoreWriterOptions;
  readonly #connection: HeldConnection;
  readonly #queue: WriteQueue;
  readonly #notifier: Notifier;
  readonly #write: Statement;
  readonly #append: Statement;

  constructor(options: StoreWriterOptions) {
    const { database, names } = options;
    this.#options = options;
    this.#write = database.kept(`SELECT firsts, positions, outcomes FROM ${names.of("write")}(${PARAMETERS})`);
    this.#append = database.kept(`SELECT ${names.of("append")}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`);
    this.#connection = new HeldConnection(database);
    this.#queue = new WriteQueue({ runtime: database.runtime, commit: (writes) => this.#commit(writes) });
    this.#notifier = new Notifier({ runtime: database.runtime, notify: () => this.#notify() });
  }

  write(items: readonly WriteItem[]): Promise<WriteResult> {
    return this.#queue.write(items);
  }

  /** Writes inside a transaction that its caller holds, and is to end at once: others wait for it. */
  async writeIn(client: PoolClient, items: readonly WriteItem[]): Promise<WriteOutcome> {
    const { channel, origin } = this.#options;
    const batch = new WriteBatch();
    batch.add(items);
    const [row] = await run(client, this.#write, [...batch.values(), null, channel, origin]);
    return outcomesOf([items], row as TextRow)[0] as WriteOutcome;
  }

  async scavengeStep(after: string): Promise<ScavengeResult & { readonly after: string | null }> {
    const { database, names, channel, origin, onCommit } = this.#options;
    const call = `SELECT events, bytes, after FROM ${names.of("scavenge_step")}($1, $2, $3)`;
    const [row] = await database.query(call, [after, channel, origin]);
    const [events, bytes, next] = row as TextRow;
    if (Number(events) > 0) onCommit();
    return { events: Number(events), bytes: Number(bytes), after: next ?? null };
  }

  async close(): Promise<void> {
    await this.#queue.drained();
    await this.#notifier.close();
    this.#connection.close();
  }

  async #commit(writes: readonly (readonly WriteItem[])[]): Promise<readonly WriteOutcome[]> {
    const { channel, onCommit } = this.#options;
    const notifies = channel !== undefined && this.#notifier.begin(writes.length);
    const single = singleAppend(writes);
    const short = single && (await this.#appendOne(single, notifies));
    const outcomes = short === undefined ? await this.#writeAll(writes, notifies) : [short];
    // What is answered as a repetition may have been done by this very call, whose connection was lost behind its commit: nobody was told of it.
    if (outcomes.some((outcome) => "result" in outcome)) {
      onCommit();
      const isTold = notifies && !outcomes.some((outcome) => "result" in outcome && outcome.result.repeated);
      if (channel !== undefined && !isTold) this.#notifier.owe();
    }
    return outcomes;
  }

  /** `undefined` where nothing was done, because it takes more to decide. */
  async #appendOne(append: AppendItem, notifies: boolean): Promise<WriteOutcome | undefined> {
    const { database, channel, origin } = this.#options;
    const values = [...singleValues(append), notifies ? channel : null, origin];
    const [row] = await database.query(this.#append, values, this.#connection);
    return singleOutcome(append, row as TextRow);
  }

  async #writeAll(writes: readonly (readonly WriteItem[])[], notifies: boolean): Promise<readonly WriteOutcome[]> {
    const { database, channel, origin } = this.#options;
    const batch = new WriteBatch();
    for (const items of writes) batch.add(items);
    const id = writes.every(hasAppend) ? null : database.runtime.ids.next();
    const values = [...batch.values(), id, notifies ? channel : null, origin];
    const [row] = await database.query(this.#write, values, this.#connection);
    return outcomesOf(writes, row as TextRow);
  }

  async #notify(): Promise<void> {
    const { database, channel, origin } = this.#options;
    try {
      await database.query("SELECT pg_notify($1, $2)", [channel, origin]);
    } catch {
      // Others look by themselves, only later.
    }
  }
}

/** Whether the log itself tells, by the ids of events, that a write was done. */
function hasAppend(items: readonly WriteItem[]): boolean {
  return items.some(({ kind }) => kind === "append");
}
