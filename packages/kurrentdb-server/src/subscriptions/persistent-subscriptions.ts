import { isDeepStrictEqual } from "node:util";
import { StreamTombstoned } from "@reactive-domain/persistence";
import type { Principal } from "../access/principal.ts";
import { LogFilter } from "../filters/log-filter.ts";
import { SlowExpressions } from "../filters/slow-expressions.ts";
import type { ServerContext } from "../server-context.ts";
import { stoppingRefusal } from "../streams/stopping-refusal.ts";
import type { UuidForm } from "../wire/uuid.ts";
import { Consumer, type SubscriptionCall } from "./consumer.ts";
import { KeptSubscriptions } from "./kept-subscriptions.ts";
import { isOf, parkedStream, storeGroupName, viewOfSubscription, WHOLE_LOG, type KeptSubscription } from "./kept-subscription.ts";
import { Pace } from "./pace.ts";
import { deleteParked, replayParked } from "./parked-messages.ts";
import { SubscriptionRunner } from "./runner.ts";
import { makeStoreGroup } from "./store-group.ts";
import { infoOf } from "./subscription-info.ts";
import {
  maximumSubscribersReached,
  subscriptionDropped,
  subscriptionExists,
  subscriptionFailed,
  subscriptionNotFound,
} from "./subscription-refusals.ts";
import { checkSettings, type SubscriptionTerms } from "./subscription-terms.ts";
import { mayReadOf } from "./readable-links.ts";
import type { SubscriptionInfo, SubscriptionKey, Subscriptions } from "./subscriptions.ts";

export type SubscriptionsContext = Omit<ServerContext, "subscriptions">;

/** A consumer that wants to be connected. */
export interface Joining {
  readonly key: SubscriptionKey;
  readonly bufferSize: number;
  readonly uuidForm: UuidForm;
  readonly call: SubscriptionCall;
  /** Whether it has gone meanwhile. */
  readonly hasLeft: () => boolean;
  /** Called when its call is to end, with the error that says why. */
  readonly onEnd: (error: unknown) => void;
}

/** A consumer that is connected, and what gives it messages. */
export interface Joined {
  readonly runner: SubscriptionRunner;
  readonly consumer: Consumer;
}

const MAX_NAME = 512;

/** The persistent subscriptions of a store, as far as this server has to do with them. */
export class PersistentSubscriptions implements Subscriptions {
  readonly #context: SubscriptionsContext;
  readonly #kept: KeptSubscriptions;
  readonly #slow: SlowExpressions;
  /** By the consumer group of the store. */
  readonly #runners = new Map<string, SubscriptionRunner>();
  readonly #paces = new Map<string, Pace>();
  readonly #ending = new Set<Promise<void>>();
  #watch: { readonly begun: Promise<void>; readonly stop: AbortController } | undefined;

  constructor(context: SubscriptionsContext) {
    const { store, runtime } = context;
    this.#context = context;
    this.#kept = new KeptSubscriptions(store, runtime);
    this.#slow = new SlowExpressions(runtime.clock);
  }

  async create(principal: Principal, key: SubscriptionKey, terms: SubscriptionTerms): Promise<void> {
    await this.#context.access.toOperation(principal, "manageSubscriptions");
    this.#check(key, terms);
    if ((await this.#kept.read()).some((one) => isOf(key, one))) throw subscriptionExists(key);
    await this.#notTombstoned(key);
    const made = await this.#make(key, terms);
    try {
      await this.#kept.change((kept) => {
        if (kept.some((one) => isOf(key, one))) throw subscriptionExists(key);
        return [...kept, made];
      });
    } catch (error) {
      await this.#context.store.groups.delete(made.storeGroup);
      throw error;
    }
  }

  /** A new start holds for a subscription that has taken nothing yet: it is made anew. */
  async update(principal: Principal, key: SubscriptionKey, terms: Omit<SubscriptionTerms, "filter">): Promise<void> {
    await this.#context.access.toOperation(principal, "manageSubscriptions");
    this.#check(key, terms);
    const before = await this.#find(key);
    const { filter } = before;
    const isAnew = !isDeepStrictEqual(before.start, terms.start) && (await this.#isUntouched(before));
    const after = isAnew
      ? await this.#make(key, { ...terms, ...(filter !== undefined && { filter }) })
      : { ...before, settings: terms.settings };
    let isReplaced = false;
    try {
      await this.#kept.change((kept) => {
        const found = kept.find((one) => isOf(key, one));
        if (found === undefined) throw subscriptionNotFound(key);
        // What another server made of it meanwhile is not to be undone.
        isReplaced = found.storeGroup === before.storeGroup;
        return kept.map((one) => (one === found && isReplaced ? after : one));
      });
    } finally {
      if (isAnew) await this.#context.store.groups.delete(isReplaced ? before.storeGroup : after.storeGroup);
    }
    await this.#drop(before, "was updated. Connect again.");
  }

  async delete(principal: Principal, key: SubscriptionKey): Promise<void> {
    await this.#context.access.toOperation(principal, "manageSubscriptions");
    let deleted: KeptSubscription | undefined;
    await this.#kept.change((kept) => {
      deleted = kept.find((one) => isOf(key, one));
      if (deleted === undefined) throw subscriptionNotFound(key);
      return kept.filter((one) => one !== deleted);
    });
    if (deleted === undefined) return;
    await this.#drop(deleted, "was deleted.");
    this.#paces.delete(deleted.storeGroup);
    await this.#context.store.groups.delete(deleted.storeGroup);
    await deleteParked(this.#context, parkedStream(key));
  }

  async info(principal: Principal, key: SubscriptionKey): Promise<SubscriptionInfo> {
    await this.#context.access.toOperation(principal, "readSubscriptionStatistics");
    return this.#infoOf(await this.#find(key));
  }

  async list(principal: Principal, stream?: string): Promise<readonly SubscriptionInfo[]> {
    await this.#context.access.toOperation(principal, "readSubscriptionStatistics");
    const kept = (await this.#kept.read()).filter((one) => stream === undefined || one.stream === stream);
    const infos: SubscriptionInfo[] = [];
    for (const one of kept) infos.push(await this.#infoOf(one));
    return infos;
  }

  async replayParked(principal: Principal, key: SubscriptionKey, stopAt?: number): Promise<void> {
    await this.#context.access.toOperation(principal, "manageSubscriptions");
    await replayParked(this.#context, await this.#find(key), stopAt);
  }

  async restart(principal: Principal): Promise<void> {
    await this.#context.access.toOperation(principal, "manageSubscriptions");
    await Promise.all([...this.#runners.values()].map(({ kept }) => this.#drop(kept, "was restarted. Connect again.")));
    this.#paces.clear();
  }

  /** Connects a consumer, unless it has gone meanwhile. Errors: access denied, does not exist, maximum subscribers reached. */
  async join(principal: Principal, { key, hasLeft, ...options }: Joining): Promise<Joined | undefined> {
    const { access, limits, runtime, stopping } = this.#context;
    await access.toStream(principal, "read", key.stream);
    await this.#watched();
    const kept = await this.#find(key);
    if (stopping.aborted) throw stoppingRefusal();
    if (hasLeft()) return undefined;
    const runner = this.#runnerOf(kept);
    const { maxSubscriberCount, extraStatistics } = kept.settings;
    if (maxSubscriberCount > 0 && runner.consumers.length >= maxSubscriberCount) throw maximumSubscribersReached(key, maxSubscriberCount);
    const consumer = new Consumer({
      ...options,
      username: principal.name ?? "anonymous",
      mayRead: mayReadOf(access, principal),
      maxBytes: limits.pageBytes,
      pace: new Pace(runtime.clock, extraStatistics),
      seed: Math.floor(runtime.chance.next() * 2 ** 32),
    });
    consumer.confirm(`${key.stream}::${key.group}`);
    runner.attach(consumer);
    return { runner, consumer };
  }

  /** Gives back what the server has of all subscriptions, for others. */
  async stop(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => this.#end(runner, stoppingRefusal())));
    await Promise.all(this.#ending);
    this.#watch?.stop.abort();
  }

  #check(key: SubscriptionKey, { settings, filter }: SubscriptionTerms): void {
    if (parkedStream(key).length > MAX_NAME)
      throw subscriptionFailed(
        key,
        `its stream of parked messages may have a name of ${MAX_NAME} characters, but has ${parkedStream(key).length}. Take a shorter name for the group.`,
      );
    checkSettings(key, settings);
    if (filter !== undefined) this.#filterOf(filter);
  }

  #filterOf(filter: NonNullable<SubscriptionTerms["filter"]>): LogFilter {
    return new LogFilter(filter, this.#slow);
  }

  async #notTombstoned(key: SubscriptionKey): Promise<void> {
    const { tombstoneOf } = viewOfSubscription(key);
    if (tombstoneOf === undefined || key.stream === WHOLE_LOG) return;
    if ((await this.#context.store.streamInfo(tombstoneOf)).state === "tombstoned") throw new StreamTombstoned(key.stream);
  }

  async #make(key: SubscriptionKey, terms: SubscriptionTerms): Promise<KeptSubscription> {
    const { store, runtime } = this.#context;
    const storeGroup = storeGroupName(key, runtime.ids.next());
    const begun = await makeStoreGroup(store, storeGroup, { key, start: terms.start });
    return { ...key, ...terms, storeGroup, begun };
  }

  async #find(key: SubscriptionKey): Promise<KeptSubscription> {
    const found = (await this.#kept.read()).find((one) => isOf(key, one));
    if (found === undefined) throw subscriptionNotFound(key);
    return found;
  }

  async #isUntouched({ storeGroup, begun }: KeptSubscription): Promise<boolean> {
    const { settledUpTo, waiting, claimed, parked } = await this.#context.store.groups.status(storeGroup);
    return settledUpTo === begun && waiting + claimed + parked === 0;
  }

  #infoOf(kept: KeptSubscription): Promise<SubscriptionInfo> {
    return infoOf(this.#context.store, kept, { runner: this.#runners.get(kept.storeGroup), pace: this.#paceOf(kept) });
  }

  #paceOf({ storeGroup, settings }: KeptSubscription): Pace {
    let pace = this.#paces.get(storeGroup);
    if (pace === undefined) {
      pace = new Pace(this.#context.runtime.clock, settings.extraStatistics);
      this.#paces.set(storeGroup, pace);
    }
    return pace;
  }

  #runnerOf(kept: KeptSubscription): SubscriptionRunner {
    const { storeGroup, settings, start, filter } = kept;
    const known = this.#runners.get(storeGroup);
    if (known !== undefined && !known.isEnding) return known;
    const runner: SubscriptionRunner = new SubscriptionRunner({
      context: this.#context,
      kept,
      pace: this.#paceOf(kept),
      maker: {
        store: this.#context.store,
        view: viewOfSubscription(kept),
        filter: filter === undefined ? undefined : this.#filterOf(filter),
        start,
        resolvesLinks: settings.resolvesLinks,
        strategy: settings.strategy,
      },
      onEnding: (ended) => this.#forget(runner, ended),
    });
    this.#runners.set(storeGroup, runner);
    return runner;
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

  async #drop(kept: KeptSubscription, why: string): Promise<void> {
    const runner = this.#runners.get(kept.storeGroup);
    if (runner !== undefined) await this.#end(runner, subscriptionDropped(kept, why));
  }

  #end(runner: SubscriptionRunner, error: unknown): Promise<void> {
    return runner.end(error);
  }

  /** Resolves when no change by another server is missed. */
  #watched(): Promise<void> {
    if (this.#watch === undefined) {
      const stop = new AbortController();
      const begun = new Promise<void>((resolve) => {
        void this.#follow(stop.signal, resolve);
      });
      this.#watch = { begun, stop };
    }
    return this.#watch.begun;
  }

  async #follow(signal: AbortSignal, begun: () => void): Promise<void> {
    try {
      for await (const kept of this.#kept.changes(signal, begun)) await this.#compare(kept);
    } catch (error) {
      if (!signal.aborted) {
        this.#watch = undefined;
        await Promise.all([...this.#runners.values()].map((runner) => this.#end(runner, error)));
      }
    }
    begun();
  }

  async #compare(kept: readonly KeptSubscription[]): Promise<void> {
    for (const runner of this.#runners.values()) {
      const now = kept.find((one) => isOf(runner.kept, one));
      if (now === undefined) await this.#drop(runner.kept, "was deleted.");
      else if (!isDeepStrictEqual(now, runner.kept)) await this.#drop(runner.kept, "was updated. Connect again.");
    }
  }
}
