import {
  caughtUp,
  shareFeed,
  type ConnectedContext,
  type EventStore,
  type ReadModelBase,
  type StartOptions,
} from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import { Balances } from "./balances.ts";
import { Statements } from "./statements.ts";
import { Statistics } from "./statistics.ts";

/** What stops a read model comes up where its answers are waited for, and in reports. */
const TOLD_LATER: StartOptions = { onFault: () => undefined };
/** A state grows with the bank, so that one kept every so many events would cost more and more. */
const KEPT_EVERY_MS = 60_000;

/** The read models of the bank. What they learnt is kept in the store, so that they go on from it at the next start. */
export class ReadModels implements AsyncDisposable {
  readonly balances = new Balances();
  readonly statements = new Statements();
  readonly statistics = new Statistics();
  readonly all: readonly ReadModelBase[] = [this.balances, this.statements, this.statistics];

  /**
   * Resolves when all have handled the history. Errors: what stops one of them, those of the store.
   *
   * @param mayWrite Whether the store takes what is to be kept.
   */
  async start(bank: ConnectedContext, mayWrite: boolean): Promise<void> {
    if (bank.store.gaps.snapshots === undefined) await this.#goOn(bank.store, mayWrite);
    const accounts = shareFeed(bank.category(Account)); // read once, for both
    accounts.attach(this.balances, TOLD_LATER);
    accounts.attach(this.statements, TOLD_LATER);
    await Promise.all([accounts.start(), this.statistics.start(bank.all(), TOLD_LATER)]);
    await Promise.all([accounts.live, this.statistics.live]);
  }

  /** Resolves when they know everything that is in the store now. Errors: what has stopped one of them. */
  async caughtUp(): Promise<void> {
    await caughtUp(this.all);
  }

  /** Keeps what was learnt, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((model) => model.close()));
  }

  /** Has each go on from what is kept of it, and keeps it from then on where that may be. */
  async #goOn(store: EventStore, mayWrite: boolean): Promise<void> {
    const when = mayWrite ? { everyMs: KEPT_EVERY_MS, onClose: true } : { everyEvents: Number.POSITIVE_INFINITY };
    await Promise.all([
      this.balances.keepSnapshots(store, { name: "Balances", schemaVersion: Balances.schemaVersion, ...when }),
      this.statements.keepSnapshots(store, { name: "Statements", schemaVersion: Statements.schemaVersion, ...when }),
      this.statistics.keepSnapshots(store, { name: "Statistics", schemaVersion: Statistics.schemaVersion, ...when }),
    ]);
  }
}
