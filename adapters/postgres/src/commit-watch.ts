import type { CancelTask, Runtime } from "@reactive-domain/core";
import type { Notification, Pool, PoolClient } from "pg";
import { quoted } from "./schema/names.ts";

export interface CommitWatchOptions {
  readonly pool: Pool;
  /** What writers of this log notify; `undefined` where nothing can be listened to. */
  readonly channel: string | undefined;
  /** What this store adds to its own notifications. */
  readonly origin: string;
  readonly pollIntervalMs: number;
  /** The position of the last event, to be compared. Rejects where the server is away. */
  readonly head: () => Promise<unknown>;
  readonly runtime: Runtime;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Tells listeners of commits: this process's own at once, those of others as the server notifies one connection that serves all listeners. A slow poll is the
 * net below it: what was committed while that connection was lost, or notified by nobody.
 */
export class CommitWatch {
  readonly #options: CommitWatchOptions;
  readonly #listeners = new Set<() => void>();
  #client: PoolClient | undefined;
  #isClosed = false;
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
    // A connection that listens is not for others.
    this.#client?.release(true);
    this.#client = undefined;
  }

  #begin(): void {
    this.#cancelPoll ??= this.#nextPoll();
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.#options.channel !== undefined) this.#connecting = this.#connect(this.#options.channel);
  }

  async #connect(channel: string): Promise<void> {
    let client: PoolClient | undefined;
    try {
      client = await this.#options.pool.connect();
      const connected = client;
      client.on("notification", this.#onNotification);
      client.on("error", () => this.#lose(connected, channel));
      client.on("end", () => this.#lose(connected, channel));
      await client.query(`LISTEN ${quoted(channel)}`);
      this.#client = client;
      if (this.#isClosed) return;
      this.#pauseMs = FIRST_PAUSE_MS;
      // What was committed before it listened.
      this.notify();
    } catch {
      client?.release(true);
      this.#connectLater(channel);
    }
  }

  readonly #onNotification = ({ payload }: Notification): void => {
    if (payload !== this.#options.origin) this.notify();
  };

  #lose(client: PoolClient, channel: string): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.release(true);
    this.#connectLater(channel);
  }

  #connectLater(channel: string): void {
    if (this.#isClosed) return;
    this.#cancelConnect = this.#options.runtime.scheduler.after(this.#pauseMs, () => {
      this.#connecting = this.#connect(channel);
    });
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
  }

  #nextPoll(): CancelTask {
    return this.#options.runtime.scheduler.after(this.#options.pollIntervalMs, () => {
      this.#cancelPoll = undefined;
      void this.#poll();
    });
  }

  #stopPolling(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
  }

  async #poll(): Promise<void> {
    try {
      const head = await this.#options.head();
      // Of groups the head tells nothing: without notifications whoever waits has to look.
      if (head !== this.#seen || this.#client === undefined) this.notify();
      this.#seen = head;
    } catch {
      // Whoever is told reads, and gets the error.
      this.notify();
    }
    if (this.#listeners.size > 0 && !this.#isClosed) this.#cancelPoll ??= this.#nextPoll();
  }
}
