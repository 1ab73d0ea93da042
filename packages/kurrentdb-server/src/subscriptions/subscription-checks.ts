import { GroupNotFound } from "@reactive-domain/persistence";
import { isOf, parkedStream, type KeptSubscription } from "./kept-subscription.ts";
import { parkedStreamTaken, subscriptionExists, subscriptionGoing, subscriptionNotFound } from "./subscription-refusals.ts";
import type { SubscriptionKey } from "./subscriptions.ts";

/** The one of that name. Errors: does not exist. */
export function found(key: SubscriptionKey, kept: readonly KeptSubscription[], advice?: string): KeptSubscription {
  const one = kept.find((other) => isOf(key, other));
  if (one === undefined) throw subscriptionNotFound(key, advice);
  return one;
}

/** Errors: there is one of that name, or one that parks in the same stream. */
export function checkFree(key: SubscriptionKey, kept: readonly KeptSubscription[]): void {
  const other = kept.find((one) => parkedStream(one) === parkedStream(key));
  if (other === undefined) return;
  throw isOf(key, other) ? subscriptionExists(key) : parkedStreamTaken(key, other);
}

/** Errors: does not exist, where its state goes meanwhile. */
export async function whileThere<T>(key: SubscriptionKey, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GroupNotFound) throw subscriptionGoing(key);
    throw error;
  }
}
