import { isDeepStrictEqual } from "node:util";
import { unlessAborted } from "@reactive-domain/core";
import type { LogFilter } from "../filters/log-filter.ts";
import type { ServerContext } from "../server-context.ts";
import { stoppingRefusal } from "../streams/stopping-refusal.ts";
import type { KeptSubscriptions } from "./kept-subscriptions.ts";
import { isOf, viewOfSubscription, type KeptSubscription } from "./kept-subscription.ts";
import { Pace } from "./pace.ts";
import { SubscriptionRunner } from "./runner.ts";
import { subscriptionDropped } from "./subscription-refusals.ts";
import type { SubscriptionTerms } from "./subscription-terms.ts";

export type SubscriptionsContext = Omit<ServerContext, "subscriptions">;

export interface RunningOptions {
  readonly context: SubscriptionsContext;
  readonly kept: KeptSubscriptions;
  readonly filterOf: (filter: NonNullable<SubscriptionTerms["filter"]>) => LogFilter;
}

/** The subscriptions that have consumers at this server. */
export class RunningSubscriptions {
  readonly #options: RunningOptions;
  /** By the consumer group of the store. */
  readonly #runners = new Map<string, SubscriptionRunner>();
  readonly #paces = new Map<string, Pace>();
  readonly #ending = new Set<Promise<void>>();
  #watch: { readonly begun: Promise<void>; readonly stop: AbortController } | undefined;

  constructor(options: RunningOptions) {
    this.#options = options;
  }

  find({ storeGroup }: KeptSubscription): SubscriptionRunner | undefined {
    return this.#runners.get(storeGroup);
  }

  /** How fast a subscription is at this server, also while nobody is connected. */
  paceOf({ storeGroup, settings }: KeptSubscription): Pace {
    let pace = this.#paces.get(storeGroup);
    if (pace === undefined) {
      pace = new Pace(this.#options.context.runtime.clock, settings.extraStatistics);
      this.#paces.set(storeGroup, pace);
    }
    return pace;
  }

  runnerOf(kept: KeptSubscription): SubscriptionRunner {
    const { storeGroup, settings, start, filter } = kept;
    const known = this.#runners.get(storeGroup);
    if (known !== undefined) return known;
    const { context, filterOf } = this.#options;
    const runner: SubscriptionRunner = new SubscriptionRunner({
      context,
      kept,
      pace: this.paceOf(kept),
      maker: {
        store: context.store,
        view: viewOfSubscription(kept),
        filter: filter === undefined ? undefined : filterOf(filter),
        start,
        resolvesLinks: settings.resolvesLinks,
        strategy: settings.strategy,
      },
      onEnding: (ended) => this.#forget(runner, ended),
    });
    this.#runners.set(storeGroup, runner);
    return runner;
  }

  /** Ends the consumers of a subscription. */
  async drop(kept: KeptSubscription, why: string): Promise<void> {
    await this.#runners.get(kept.storeGroup)?.end(subscriptionDropped(kept, why));
  }

  /** Forgets what was counted. */
  forgetPace({ storeGroup }: KeptSubscription): void {
    this.#paces.delete(storeGroup);
  }

  async restart(): Promise<void> {
    await this.#endAll((kept) => subscriptionDropped(kept, "was restarted. Connect again."));
    this.#paces.clear();
  }

  /** Gives back what the server has of all subscriptions, for others; what a store that hangs does not take in time is free when its lease ends. */
  async stop(): Promise<void> {
    const { runtime, limits } = this.#options.context;
    const timeUp = new AbortController();
    const cancel = runtime.scheduler.after(limits.drainMs, () => timeUp.abort());
    try {
      await unlessAborted(this.#giveBack(), timeUp.signal);
    } catch (error) {
      if (!timeUp.signal.aborted) throw error;
    } finally {
      cancel();
      this.#watch?.stop.abort();
    }
  }

  /** Resolves when no change by another server is missed. */
  watched(): Promise<void> {
    if (this.#watch === undefined) {
      const stop = new AbortController();
      const begun = new Promise<void>((resolve) => {
        void this.#follow(stop.signal, resolve);
      });
      this.#watch = { begun, stop };
    }
    return this.#watch.begun;
  }

  async #giveBack(): Promise<void> {
    await this.#endAll(() => stoppingRefusal());
    await Promise.all(this.#ending);
  }

  async #endAll(errorOf: (kept: KeptSubscription) => unknown): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.end(errorOf(runner.kept))));
  }

  /** A runner that is ending is waited for when the server stops, but nobody joins it. */
  #forget(runner: SubscriptionRunner, ended: Promise<void>): void {
    const { storeGroup } = runner.kept;
    if (this.#runners.get(storeGroup) === runner) this.#runners.delete(storeGroup);
    const done = ended.finally(() => this.#ending.delete(done));
    this.#ending.add(done);
    if (this.#runners.size > 0) return;
    this.#watch?.stop.abort();
    this.#watch = undefined;
  }

  async #follow(signal: AbortSignal, begun: () => void): Promise<void> {
    try {
      for await (const kept of this.#options.kept.changes(signal, begun)) await this.#compare(kept);
    } catch (error) {
      if (!signal.aborted) {
        this.#watch = undefined;
        await this.#endAll(() => error);
      }
    }
    begun();
  }

  async #compare(kept: readonly KeptSubscription[]): Promise<void> {
    for (const runner of this.#runners.values()) {
      const now = kept.find((one) => isOf(runner.kept, one));
      if (now === undefined) await this.drop(runner.kept, "was deleted.");
      else if (!isDeepStrictEqual(now, runner.kept)) await this.drop(runner.kept, "was updated. Connect again.");
    }
  }
}
