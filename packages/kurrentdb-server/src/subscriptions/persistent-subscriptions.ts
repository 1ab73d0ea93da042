import { isDeepStrictEqual } from "node:util";
import { GroupNotFound, StreamTombstoned } from "@reactive-domain/persistence";
import type { Principal } from "../access/principal.ts";
import { toRead } from "../access/stream-rights.ts";
import { LogFilter } from "../filters/log-filter.ts";
import { SlowExpressions } from "../filters/slow-expressions.ts";
import { stoppingRefusal } from "../streams/stopping-refusal.ts";
import type { UuidForm } from "../wire/uuid.ts";
import { Consumer, type SubscriptionCall } from "./consumer.ts";
import { KeptSubscriptions } from "./kept-subscriptions.ts";
import { parkedStream, storeGroupName, viewOfSubscription, WHOLE_LOG, type KeptSubscription } from "./kept-subscription.ts";
import { Pace } from "./pace.ts";
import { itemsToHide, replayParked } from "./parked-messages.ts";
import type { SubscriptionRunner } from "./runner.ts";
import { RunningSubscriptions, type SubscriptionsContext } from "./running-subscriptions.ts";
import { makeStoreGroup } from "./store-group.ts";
import { checkFree, found, whileThere } from "./subscription-checks.ts";
import { infoOf } from "./subscription-info.ts";
import { maximumSubscribersReached, subscriptionFailed, subscriptionGoing } from "./subscription-refusals.ts";
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
const NOTHING_TO_DELETE = "There is nothing to delete.";

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
    checkFree(key, await this.#kept.read());
    await this.#notTombstoned(key);
    const made = await this.#make(key, terms);
    try {
      await this.#kept.change((kept) => {
        checkFree(key, kept);
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
    const isAnew = !isDeepStrictEqual(before.start, terms.start) && (await whileThere(key, this.#isUntouched(before)));
    const after = isAnew
      ? await this.#make(key, { settings: terms.settings, start: terms.start, ...(filter !== undefined && { filter }) })
      : { ...before, settings: terms.settings };
    let isReplaced = false;
    try {
      await this.#kept.change((kept) => {
        const now = found(key, kept);
        // What another server made of it meanwhile is not to be undone.
        isReplaced = now.storeGroup === before.storeGroup;
        return kept.map((one) => (one === now && isReplaced ? after : one));
      });
    } finally {
      if (isAnew) await this.#context.store.groups.delete(isReplaced ? before.storeGroup : after.storeGroup);
    }
    await this.#running.drop(before, "was updated. Connect again.");
  }

  /** First what holds its state goes, so that no server parks anything any more; then, in one write, the subscription and what it has parked. */
  async delete(principal: Principal, key: SubscriptionKey): Promise<void> {
    const { access, lanes } = this.#context;
    await access.toOperation(principal, "manageSubscriptions");
    let deleted: KeptSubscription = await this.#find(key, NOTHING_TO_DELETE);
    await this.#end(deleted);
    const { storeGroup } = deleted;
    await lanes.run(parkedStream(key), async () => {
      const hiding = await itemsToHide(this.#context, parkedStream(key));
      await this.#kept.change((kept) => {
        deleted = found(key, kept, NOTHING_TO_DELETE);
        return kept.filter((one) => one !== deleted);
      }, hiding);
    });
    // It was updated meanwhile, and made anew.
    if (deleted.storeGroup !== storeGroup) await this.#end(deleted);
    this.#running.forgetPace(deleted);
  }

  async info(principal: Principal, key: SubscriptionKey): Promise<SubscriptionInfo> {
    await this.#context.access.toOperation(principal, "readSubscriptionStatistics");
    const info = await this.#infoOf(await this.#find(key));
    if (info === undefined) throw subscriptionGoing(key);
    return info;
  }

  async list(principal: Principal, stream?: string): Promise<readonly SubscriptionInfo[]> {
    await this.#context.access.toOperation(principal, "readSubscriptionStatistics");
    const kept = (await this.#kept.read()).filter((one) => stream === undefined || one.stream === stream);
    const infos: SubscriptionInfo[] = [];
    for (const one of kept) {
      const info = await this.#infoOf(one);
      if (info !== undefined) infos.push(info);
    }
    return infos;
  }

  async replayParked(principal: Principal, key: SubscriptionKey, stopAt?: number): Promise<void> {
    await this.#context.access.toOperation(principal, "manageSubscriptions");
    await whileThere(key, replayParked(this.#context, await this.#find(key), stopAt));
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

  async #find(key: SubscriptionKey, advice?: string): Promise<KeptSubscription> {
    return found(key, await this.#kept.read(), advice);
  }

  /** Ends its consumers here, and forgets its state. */
  async #end(kept: KeptSubscription): Promise<void> {
    await this.#running.drop(kept, "was deleted.");
    await this.#context.store.groups.delete(kept.storeGroup);
  }

  async #isUntouched({ storeGroup, begun }: KeptSubscription): Promise<boolean> {
    const { settledUpTo, waiting, claimed, parked } = await this.#context.store.groups.status(storeGroup);
    return settledUpTo === begun && waiting + claimed + parked === 0;
  }

  /** `undefined` where it is being deleted. */
  async #infoOf(kept: KeptSubscription): Promise<SubscriptionInfo | undefined> {
    try {
      return await infoOf(this.#context.store, kept, { runner: this.#running.find(kept), pace: this.#running.paceOf(kept) });
    } catch (error) {
      if (error instanceof GroupNotFound) return undefined;
      throw error;
    }
  }
}
