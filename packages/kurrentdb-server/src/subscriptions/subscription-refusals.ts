import { status } from "@grpc/grpc-js";
import { Refusal } from "../wire/refusal.ts";
import type { SubscriptionKey } from "./subscriptions.ts";

export function subscriptionExists(key: SubscriptionKey): Refusal {
  return refusal(status.ALREADY_EXISTS, key, {
    exception: "persistent-subscription-exists",
    details: `${inWords(key)} exists already. Update it, or take another name.`,
  });
}

export function subscriptionNotFound(key: SubscriptionKey, advice = "Create it."): Refusal {
  return refusal(status.NOT_FOUND, key, {
    exception: "persistent-subscription-does-not-exist",
    details: `${inWords(key)} does not exist. ${advice}`,
  });
}

/** Somebody deletes the subscription just now, or was broken off. */
export function subscriptionGoing(key: SubscriptionKey): Refusal {
  return refusal(status.NOT_FOUND, key, {
    exception: "persistent-subscription-does-not-exist",
    details: `${inWords(key)} is being deleted. Delete it again where that was broken off, and then create it.`,
  });
}

/** What one has parked could not be told from what the other has. */
export function parkedStreamTaken(key: SubscriptionKey, other: SubscriptionKey): Refusal {
  return refusal(status.ALREADY_EXISTS, key, {
    exception: "persistent-subscription-exists",
    details: `${inWords(key)} would park in the same stream as persistent subscription ${other.group} to ${other.stream}. Take another name.`,
  });
}

/** The subscription cannot be as it is asked for. */
export function subscriptionFailed(key: SubscriptionKey, reason: string): Refusal {
  return refusal(status.INVALID_ARGUMENT, key, {
    exception: "persistent-subscription-failed",
    details: `${inWords(key)} cannot be so: ${reason}`,
    reason,
  });
}

export function maximumSubscribersReached(key: SubscriptionKey, most: number): Refusal {
  return refusal(status.FAILED_PRECONDITION, key, {
    exception: "maximum-subscribers-reached",
    details: `${inWords(key)} has ${most} consumers, the most it takes. Try again when one has left.`,
  });
}

/** What the consumers of a subscription are told that is deleted, updated or restarted. */
export function subscriptionDropped(key: SubscriptionKey, why: string): Refusal {
  return refusal(status.CANCELLED, key, { exception: "persistent-subscription-dropped", details: `${inWords(key)} ${why}` });
}

function inWords({ stream, group }: SubscriptionKey): string {
  return `Persistent subscription ${group} to ${stream}`;
}

interface Told {
  readonly exception: string;
  readonly details: string;
  readonly reason?: string;
}

function refusal(code: status, { stream, group }: SubscriptionKey, { exception, details, reason }: Told): Refusal {
  return new Refusal(code, details, {
    exception,
    "stream-name": stream,
    "group-name": group,
    ...(reason !== undefined && { reason }),
  });
}
