import {
  caughtUp,
  shareFeed,
  type ConnectedContext,
  type EventStore,
  type FeedHealth,
  type FeedLag,
  type ReadModelBase,
  type StartOptions,
} from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import { Balances } from "./balances.ts";
import { Statements } from "./statements.ts";
import { Statistics } from "./statistics.ts";

/** How a read model is with one of its feeds, and what of it lies ahead. */
export interface FeedReport {
  readonly model: string;
  readonly health: FeedHealth;
  readonly lag: FeedLag;
}

/** What stops a read model comes up where its answers are waited for, and in reports. */
const TOLD_LATER: StartOptions = { onFault: () => undefined };
/** A state grows with the bank, so that one kept every so many events would cost more and more. */
const KEPT_EVERY_MS = 60_000;

/** The read models of the bank. What they learnt is kept in the store, so that they go on from it at the next start. */
export class ReadModels implements AsyncDisposable {
  readonly balances = new Balances();
  readonly statements = new Statements();
  readonly statistics = new Statistics();
  readonly #models: readonly ReadModelBase[] = [this.balances, this.statements, this.statistics];

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
    await caughtUp(this.#models);
  }

  /** How each of them is. Errors: those of the store. */
  async report(): Promise<readonly FeedReport[]> {
    const reports = this.#models.map(async (model) => {
      const lags = await model.lag();
      return model.health.map((health) => ({ model: model.constructor.name, health, lag: lagOn(health.feed, lags) }));
    });
    return (await Promise.all(reports)).flat();
  }

  /** Keeps what was learnt, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#models.map((model) => model.close()));
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

function lagOn(feed: string, lags: readonly FeedLag[]): FeedLag {
  return lags.find((lag) => lag.feed === feed) ?? { feed, events: 0, ms: 0 };
}
