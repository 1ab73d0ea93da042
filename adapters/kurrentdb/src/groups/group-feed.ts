import type { Connection } from "../connection/connection.ts";
import { kurrentFailure } from "../connection/kurrent-failure.ts";
import { groupInfo } from "../wire/group-admin.ts";
import { GroupCall, type Arrival } from "../wire/group-call.ts";
import type { GroupKey } from "../wire/group-key.ts";

export interface GroupFeedOptions {
  readonly connection: Connection;
  readonly key: GroupKey;
  /** The most that the server sends before some is settled. */
  readonly bufferSize: number;
  readonly onArrival: (arrival: Arrival) => void;
  /** All that was sent and not settled is another's now, or comes again. */
  readonly onLost: (failure: unknown) => void;
}

/** What KurrentDB sends this process of a group: begun when it is asked for, and again after it was lost. */
export class GroupFeed {
  readonly #options: GroupFeedOptions;
  #call: GroupCall | undefined;
  #opening: Promise<void> | undefined;
  #settled: string[] = [];
  #isToTell = false;

  constructor(options: GroupFeedOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#call !== undefined;
  }

  /** Errors: `store-unavailable`. */
  async open(): Promise<void> {
    if (this.#call !== undefined) return;
    this.#opening ??= this.#open();
    await this.#opening;
  }

  /** Tells the server, together with what else is settled at this time. */
  acknowledge(id: string): void {
    this.#settled.push(id);
    if (this.#isToTell) return;
    this.#isToTell = true;
    this.#options.connection.runtime.scheduler.soon(() => this.#tell());
  }

  park(id: string, reason: string): void {
    this.#tell();
    this.#call?.park(id, reason);
  }

  /** Gives back all that is not settled. What is settled is with the server before. */
  async close(): Promise<void> {
    const { connection, key } = this.#options;
    this.#tell();
    const call = this.#call;
    this.#call = undefined;
    if (call === undefined) return;
    try {
      await call.flushed();
      // The connection keeps the order of what is sent: an answer says that all before it has come.
      await connection.once((client) => groupInfo(client, key));
    } catch {
      // A server that is away gives everything back by itself.
    }
    call.end();
  }

  async #open(): Promise<void> {
    const { connection, key, bufferSize, onArrival } = this.#options;
    let opened: GroupCall | undefined;
    const lose = (error: unknown): void => {
      if (this.#call === opened) this.#lost(kurrentFailure(error, connection.name));
    };
    try {
      opened = await connection.run((client) => GroupCall.open(client, key, { bufferSize, onArrival, onEnd: lose }));
      if (!opened.isEnded) this.#call = opened;
    } finally {
      this.#opening = undefined;
    }
  }

  #lost(failure: unknown): void {
    this.#call = undefined;
    this.#settled = [];
    this.#options.onLost(failure);
  }

  #tell(): void {
    this.#isToTell = false;
    const settled = this.#settled;
    this.#settled = [];
    if (settled.length > 0) this.#call?.acknowledge(settled);
  }
}
