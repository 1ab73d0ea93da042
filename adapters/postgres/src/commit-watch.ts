import type { CancelTask } from "@reactive-domain/core";
import type { Notification, PoolClient } from "pg";
import { run, type Database, type TextRow } from "./database.ts";
import { quoted } from "./schema/names.ts";

export interface CommitWatchOptions {
  readonly database: Database;
  /** What writers of this log notify; `undefined` where nothing can be listened to. */
  readonly channel: string | undefined;
  /** What this store adds to its own notifications. */
  readonly origin: string;
  readonly pollIntervalMs: number;
  /** How long a look waits for its answer. */
  readonly lookTimeoutMs: number;
  /** The statement that tells the position of the last event, to be compared. */
  readonly head: string;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Tells listeners of commits: this process's own at once, those of others as the server notifies one connection that serves all listeners. A slow poll is the
 * net below it: what was committed while that connection was lost, or notified by nobody. It asks over that same connection, and one that does not answer is lost.
 */
export class CommitWatch {
  readonly #options: CommitWatchOptions;
  readonly #listeners = new Set<() => void>();
  #client: PoolClient | undefined;
  #isClosed = false;
  #isLooking = false;
  #hasBegun = false;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelConnect: CancelTask | undefined;
  #cancelPoll: CancelTask | undefined;
  #connecting: Promise<void> | undefined;
  #seen: unknown;

  constructor(options: CommitWatchOptions) {
    this.#options = options;
  }

  listen(listener: () => void): () => void {
    // Each call counts for itself, also when a function is given twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#begin();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.#stopPolling();
    };
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#cancelConnect?.();
    this.#stopPolling();
    await this.#connecting;
    const client = this.#client;
    this.#client = undefined;
    // A connection that listens is not for others.
    if (client !== undefined) this.#options.database.giveBack(client, true);
  }

  #begin(): void {
    this.#pollLater();
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.#options.channel !== undefined) this.#connecting = this.#connect(this.#options.channel);
  }

  async #connect(channel: string): Promise<void> {
    const { database, lookTimeoutMs } = this.#options;
    let client: PoolClient | undefined;
    try {
      client = await database.borrow();
      const connected = client;
      client.on("notification", this.#onNotification);
      client.on("error", () => this.#lose(connected, channel));
      client.on("end", () => this.#lose(connected, channel));
      await database.inTime(client, lookTimeoutMs, () => run(connected, `LISTEN ${quoted(channel)}`));
      this.#client = client;
      if (this.#isClosed) return;
      this.#pauseMs = FIRST_PAUSE_MS;
      // What was committed before it listened.
      this.notify();
    } catch {
      if (client !== undefined) database.giveBack(client, true);
      this.#connectLater(channel);
    }
  }

  readonly #onNotification = ({ payload }: Notification): void => {
    if (payload !== this.#options.origin) this.notify();
  };

  #lose(client: PoolClient, channel: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#options.database.giveBack(client, true);
    this.#connectLater(channel);
  }

  #connectLater(channel: string): void {
    if (this.#isClosed) return;
    this.#cancelConnect = this.#options.database.runtime.scheduler.after(this.#pauseMs, () => {
      this.#connecting = this.#connect(channel);
    });
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  #pollLater(): void {
    if (this.#isLooking || this.#listeners.size === 0) return;
    this.#cancelPoll ??= this.#options.database.runtime.scheduler.after(this.#options.pollIntervalMs, () => {
      this.#cancelPoll = undefined;
      void this.#poll();
    });
  }

  #stopPolling(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }

  async #poll(): Promise<void> {
    this.#isLooking = true;
    try {
      const [row] = await this.#look();
      const head = row?.[0];
      // Of groups the head tells nothing: without notifications whoever waits has to look.
      if (head !== this.#seen || this.#client === undefined) this.notify();
      this.#seen = head;
    } catch {
      // Whoever is told reads, and gets the error.
      this.notify();
    }
    this.#isLooking = false;
    if (!this.#isClosed) this.#pollLater();
  }

  async #look(): Promise<TextRow[]> {
    const { database, head, lookTimeoutMs } = this.#options;
    const client = this.#client;
    if (client === undefined) return database.query(head, [], database.within(lookTimeoutMs));
    return database.inTime(client, lookTimeoutMs, () => run(client, head));
  }
}
