/** The stream whose last event has all persistent subscriptions of a store. */
export const SUBSCRIPTIONS_STREAM = "$persistentSubscriptionConfig";
