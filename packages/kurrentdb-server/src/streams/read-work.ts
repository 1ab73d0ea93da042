import type { EventBatch, ReadSource, StreamInfo } from "@reactive-domain/persistence";
import type { Principal } from "../access/principal.ts";
import type { ServerContext } from "../server-context.ts";
import type { View } from "../views/view.ts";
import { streamDeleted } from "../wire/refusal.ts";
import type { ReadPlan } from "./read-plan.ts";
import type { ReadSender } from "./read-sender.ts";

/** A read or a subscription at work. */
export interface ReadWork {
  readonly context: ServerContext;
  readonly plan: ReadPlan;
  readonly sender: ReadSender;
  readonly principal: Principal;
  /** Aborted when the client has left, or is to be told why it ends. */
  readonly signal: AbortSignal;
}

/** The last event of a source, and what the store knew when it read it. */
export async function lastOf(
  { context, signal }: Pick<ReadWork, "context" | "signal">,
  source: ReadSource,
): Promise<EventBatch | undefined> {
  for await (const batch of context.store.read(source, { direction: "backwards", limit: 1, signal }).batches()) return batch;
  return undefined;
}

/** What the store knows of the stream behind a view. Errors: stream deleted, where that is tombstoned. */
export async function infoOf(
  { context, signal }: Pick<ReadWork, "context" | "signal">,
  { tombstoneOf, name = "" }: View,
): Promise<StreamInfo | undefined> {
  if (tombstoneOf === undefined) return undefined;
  const info = await context.store.streamInfo(tombstoneOf, { signal });
  if (info.state === "tombstoned") throw streamDeleted(name);
  return info;
}
