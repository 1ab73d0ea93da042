import { isDeepStrictEqual } from "node:util";
import { StreamTombstoned } from "@reactive-domain/persistence";
import type { Principal } from "../access/principal.ts";
import { toRead } from "../access/stream-rights.ts";
import { LogFilter } from "../filters/log-filter.ts";
import { SlowExpressions } from "../filters/slow-expressions.ts";
import { stoppingRefusal } from "../streams/stopping-refusal.ts";
import type { UuidForm } from "../wire/uuid.ts";
import { Consumer, type SubscriptionCall } from "./consumer.ts";
import { KeptSubscriptions } from "./kept-subscriptions.ts";
import { isOf, parkedStream, storeGroupName, viewOfSubscription, WHOLE_LOG, type KeptSubscription } from "./kept-subscription.ts";
import { Pace } from "./pace.ts";
import { deleteParked, replayParked } from "./parked-messages.ts";
import type { SubscriptionRunner } from "./runner.ts";
import { RunningSubscriptions, type SubscriptionsContext } from "./running-subscriptions.ts";
import { makeStoreGroup } from "./store-group.ts";
import { infoOf } from "./subscription-info.ts";
import { maximumSubscribersReached, subscriptionExists, subscriptionFailed, subscriptionNotFound } from "./subscription-refusals.ts";
import { checkSettings, type SubscriptionTerms } from "./subscription-terms.ts";
import { mayReadOf } from "./readable-links.ts";
import type { SubscriptionInfo, SubscriptionKey, Subscriptions } from "./subscriptions.ts";

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
  readonly #running: RunningSubscriptions;

  constructor(context: SubscriptionsContext) {
    const { store, runtime } = context;
    this.#context = context;
    this.#kept = new KeptSubscriptions(store, runtime);
    this.#slow = new SlowExpressions(runtime.clock);
    this.#running = new RunningSubscriptions({ context, kept: this.#kept, filterOf: (filter) => this.#filterOf(filter) });
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
      ? await this.#make(key, { settings: terms.settings, start: terms.start, ...(filter !== undefined && { filter }) })
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
    await this.#running.drop(before, "was updated. Connect again.");
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
    await this.#running.drop(deleted, "was deleted.");
    this.#running.forgetPace(deleted);
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
    await this.#running.restart();
  }

  /** Connects a consumer, unless it has gone meanwhile. Errors: access denied, does not exist, maximum subscribers reached. */
  async join(principal: Principal, { key, hasLeft, ...options }: Joining): Promise<Joined | undefined> {
    const { access, limits, runtime, stopping } = this.#context;
    await toRead(access, principal, key.stream);
    await this.#running.watched();
    const kept = await this.#find(key);
    if (stopping.aborted) throw stoppingRefusal();
    if (hasLeft()) return undefined;
    const runner = this.#running.runnerOf(kept);
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
  stop(): Promise<void> {
    return this.#running.stop();
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
    return infoOf(this.#context.store, kept, { runner: this.#running.find(kept), pace: this.#running.paceOf(kept) });
  }
}
