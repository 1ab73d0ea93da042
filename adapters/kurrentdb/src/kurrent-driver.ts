import type { Position } from "@reactive-domain/core";
import { type EventBatch, type Gaps, type Snapshot, type StreamInfo, type WriteItem, type WriteResult } from "@reactive-domain/persistence";
import type { EventStoreDriver, PageRequest } from "@reactive-domain/persistence/adapter";
import { CommitWatch } from "./commit-watch.ts";
import type { Connection } from "./connection/connection.ts";
import { KurrentGroups } from "./groups/kurrent-groups.ts";
import { LinkReader } from "./reading/link-reader.ts";
import { LogReader } from "./reading/log-reader.ts";
import { PageReader } from "./reading/page-reader.ts";
import { StreamReader } from "./reading/stream-reader.ts";
import { ViewReader } from "./reading/view-reader.ts";
import { StreamStates } from "./streams/stream-states.ts";
import { Acknowledged } from "./writing/acknowledged.ts";
import { KeptStates } from "./writing/kept-states.ts";
import { ProgressWriter } from "./writing/progress-writer.ts";
import { RecordedSearch } from "./writing/recorded-search.ts";
import { SettlingWriter } from "./writing/settling-writer.ts";
import { SeveralWriter } from "./writing/several-writer.ts";
import { StreamWriter } from "./writing/stream-writer.ts";
import { WriteOrder } from "./writing/write-order.ts";

export interface KurrentDriverOptions {
  readonly connection: Connection;
  readonly durability: string;
  readonly gaps: Gaps;
}

/** The store on a KurrentDB server. */
export class KurrentDriver implements EventStoreDriver {
  readonly name: string;
  readonly durability: string;
  readonly gaps: Gaps;
  readonly groups: KurrentGroups;
  readonly batchEvents = 500;
  readonly #connection: Connection;
  readonly #log: LogReader;
  readonly #watch: CommitWatch;
  readonly #pages: PageReader;
  readonly #states: StreamStates;
  readonly #kept: KeptStates;
  readonly #progress: ProgressWriter;
  readonly #writer: StreamWriter;
  readonly #several: SeveralWriter;
  readonly #settling: SettlingWriter;
  readonly #order = new WriteOrder();

  constructor({ connection, durability, gaps }: KurrentDriverOptions) {
    this.#connection = connection;
    this.name = connection.name;
    this.durability = durability;
    this.gaps = gaps;
    const log = new LogReader(connection);
    const streams = new StreamReader(connection);
    const search = new RecordedSearch(streams, log);
    const acknowledged = new Acknowledged(log);
    const states = new StreamStates(connection, streams, log);
    const kept = new KeptStates(connection, streams, states);
    const progress = new ProgressWriter(connection, kept, log);
    const writer = new StreamWriter({ connection, states, search, acknowledged, progress });
    this.#log = log;
    this.#watch = new CommitWatch(connection);
    this.#pages = new PageReader({ log, streams, states, views: new ViewReader(new LinkReader(connection), log) });
    this.#states = states;
    this.#kept = kept;
    this.#progress = progress;
    this.#writer = writer;
    this.#several = new SeveralWriter({ connection, streams, kept, progress, writer, search, acknowledged });
    this.groups = new KurrentGroups({ connection, kept, log, streams, noChosenReplays: gaps.chosenReplays ?? "" });
    this.#settling = new SettlingWriter({ connection, groups: this.groups, search, write: (items) => this.#writeOthers(items) });
  }

  /** Learns where the log ends: what is there already is not taken for new. */
  async look(): Promise<void> {
    await this.#log.head();
  }

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const isSettling = items.some(({ kind }) => kind === "settle");
    const result = await this.#order.run(items, () => (isSettling ? this.#settling.write(items) : this.#writeOthers(items)));
    this.#watch.notify();
    return result;
  }

  readPage(request: PageRequest): Promise<EventBatch> {
    return this.#pages.page(request);
  }

  streamInfo(stream: string): Promise<StreamInfo> {
    return this.#states.info(stream);
  }

  async snapshot(name: string): Promise<Snapshot | undefined> {
    return (await this.#kept.snapshot(name)).value.snapshot;
  }

  async checkpoint(name: string): Promise<Position | null> {
    return (await this.#kept.checkpoint(name)).value;
  }

  onCommit(listener: () => void): () => void {
    return this.#watch.listen(listener);
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#connection.inTime(this.#order.ended());
    await this.#connection.inTime(this.groups.close());
    await this.#connection.close();
  }

  #writeOthers(items: readonly WriteItem[]): Promise<WriteResult> {
    const [item, ...others] = items;
    return item !== undefined && others.length === 0 ? this.#writeOne(item) : this.#several.write(items);
  }

  #writeOne(item: WriteItem): Promise<WriteResult> {
    switch (item.kind) {
      case "append":
        return this.#writer.append(item);
      case "delete":
        return this.#writer.delete(item);
      case "tombstone":
        return this.#writer.tombstone(item);
      case "expect":
        return this.#writer.expect(item);
      case "metadata":
        return this.#writer.describe(item);
      case "snapshot":
        return this.#progress.putSnapshot(item);
      case "checkpoint":
        return this.#progress.moveCheckpoint(item);
      default:
        return this.#settling.write([item]);
    }
  }
}
