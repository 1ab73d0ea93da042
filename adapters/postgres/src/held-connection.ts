import type { CancelTask } from "@reactive-domain/core";
import type { PoolClient } from "pg";
import type { Database, Lender } from "./database.ts";
import { isConnectionLost } from "./postgres-failure.ts";

const IDLE_MS = 250;

/**
 * A connection that is kept for the next call, one call at a time, and given back when there was none for a while: a pool takes as long to lend one as a short
 * statement takes to run.
 */
export class HeldConnection implements Lender {
  readonly #database: Database;
  #client: PoolClient | undefined;
  #isBusy = false;
  #calls = 0;
  #callsSeen = 0;
  #cancelLook: CancelTask | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  async lend<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    this.#isBusy = true;
    this.#calls++;
    this.#lookLater();
    try {
      this.#client ??= await this.#database.borrow();
      return await work(this.#client);
    } catch (error) {
      if (isConnectionLost(error)) this.#giveBack(true);
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  close(): void {
    this.#cancelLook?.();
    this.#giveBack(false);
  }

  #lookLater(): void {
    this.#cancelLook ??= this.#database.runtime.scheduler.after(IDLE_MS, () => this.#look());
  }

  #look(): void {
    this.#cancelLook = undefined;
    const isIdle = !this.#isBusy && this.#calls === this.#callsSeen;
    this.#callsSeen = this.#calls;
    if (isIdle) this.#giveBack(false);
    else this.#lookLater();
  }

  #giveBack(isBroken: boolean): void {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) this.#database.giveBack(client, isBroken);
  }
}
