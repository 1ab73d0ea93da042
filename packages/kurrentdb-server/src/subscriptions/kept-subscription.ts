import { createHash } from "node:crypto";
import type { Position } from "@reactive-domain/core";
import { logView, viewOf } from "../views/view-of.ts";
import type { View } from "../views/view.ts";
import type { SubscriptionKey } from "./subscriptions.ts";
import type { SubscriptionTerms } from "./subscription-terms.ts";

/** A persistent subscription as the store keeps it. */
export interface KeptSubscription extends SubscriptionKey, SubscriptionTerms {
  /** The consumer group of the store that holds its state. Every creation has one of its own. */
  readonly storeGroup: string;
  /** Up to where that group had nothing to do when it was made. */
  readonly begun: Position | null;
}

export const WHOLE_LOG = "$all";
const MAX_READABLE = 300;

/** What the events of a subscription are, and how clients see them. */
export function viewOfSubscription({ stream }: SubscriptionKey): View {
  return stream === WHOLE_LOG ? logView : viewOf(stream);
}

/** The stream of what a subscription has parked. */
export function parkedStream({ stream, group }: SubscriptionKey): string {
  return `$persistentsubscription-${stream}::${group}-parked`;
}

/** A name for a consumer group of the store that says what it is for. */
export function storeGroupName({ stream, group }: SubscriptionKey, id: string): string {
  const readable = `${stream}::${group}`;
  const name = readable.length <= MAX_READABLE ? readable : `${readable.slice(0, MAX_READABLE).toWellFormed()}-${digest(readable)}`;
  return `persistentsubscription-${name}-${id}`;
}

export function isOf({ stream, group }: SubscriptionKey, other: SubscriptionKey): boolean {
  return other.stream === stream && other.group === group;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
