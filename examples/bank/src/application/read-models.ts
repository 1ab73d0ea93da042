import {
  AlreadyClosed,
  caughtUp,
  shareFeed,
  type ConnectedContext,
  type EventStore,
  type FeedHealth,
  type FeedLag,
  type KeepOptions,
  type Position,
  type ReadModelBase,
  type SnapshotKeeping,
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

interface Kept {
  readonly model: ReadModelBase;
  readonly keeping: SnapshotKeeping;
  /** How far it was when it was restored. */
  readonly restoredAt: Position | null;
}

/** The read models of the bank. What they learnt is kept in the store, so that they go on from it at the next start. */
export class ReadModels implements AsyncDisposable {
  readonly balances = new Balances();
  readonly statements = new Statements();
  readonly statistics = new Statistics();
  readonly #models: readonly ReadModelBase[] = [this.balances, this.statements, this.statistics];
  #kept: readonly Kept[] = [];

  /**
   * Resolves when all have handled the history. Errors: what stops one of them, those of the store.
   *
   * @param mayWrite Whether the store takes what is to be kept.
   */
  async start(bank: ConnectedContext, mayWrite: boolean): Promise<void> {
    const kept = bank.store.gaps.snapshots === undefined ? await this.#goOn(bank, mayWrite) : [];
    const accounts = shareFeed(bank.category(Account)); // read once, for both
    accounts.attach(this.balances, TOLD_LATER);
    accounts.attach(this.statements, TOLD_LATER);
    await Promise.all([accounts.start(), this.statistics.start(bank.all(), TOLD_LATER)]);
    await Promise.all([accounts.live, this.statistics.live]);
    if (mayWrite) this.#kept = kept;
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
    await Promise.all(this.#kept.filter(hasLearnt).map(({ keeping }) => saveOrWarn(keeping)));
    await Promise.all(this.#models.map((model) => model.close()));
  }

  /** Has each go on from what is kept of it. */
  #goOn({ store }: ConnectedContext, mayWrite: boolean): Promise<readonly Kept[]> {
    const when = mayWrite ? { everyMs: KEPT_EVERY_MS } : { everyEvents: Number.POSITIVE_INFINITY };
    return Promise.all([
      keep(this.balances, store, { name: "Balances", schemaVersion: Balances.schemaVersion, ...when }),
      keep(this.statements, store, { name: "Statements", schemaVersion: Statements.schemaVersion, ...when }),
      keep(this.statistics, store, { name: "Statistics", schemaVersion: Statistics.schemaVersion, ...when }),
    ]);
  }
}

async function keep(model: ReadModelBase, store: EventStore, options: KeepOptions): Promise<Kept> {
  const keeping = await model.keepSnapshots(store, options);
  return { model, keeping, restoredAt: model.highWaterMark };
}

/** Whether there is something new, and all of it is sound. */
function hasLearnt({ model, restoredAt }: Kept): boolean {
  return model.highWaterMark !== restoredAt && model.health.every(({ status }) => status === "live");
}

/** What was not kept is learnt again: that ends no run. */
async function saveOrWarn(keeping: SnapshotKeeping): Promise<void> {
  try {
    await keeping.save();
  } catch (error) {
    if (!(error instanceof AlreadyClosed)) process.emitWarning(error as Error);
  }
}

function lagOn(feed: string, lags: readonly FeedLag[]): FeedLag {
  return lags.find((lag) => lag.feed === feed) ?? { feed, events: 0, ms: 0 };
}
