import type { EventBatch, EventFilter, ReadSource, StreamInfo, UpTo } from "@reactive-domain/persistence";
import type { Principal } from "../access/principal.ts";
import type { Edge } from "../projections/projections.ts";
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

/** Where a view ends before its source does. */
export async function edgeOf({ context, plan, signal }: ReadWork): Promise<Edge | undefined> {
  const { projection } = plan.view;
  return projection === undefined ? undefined : context.projections.edge(projection, signal);
}

/** What of its source a view has, as the store is asked for it. */
export function shownBy({ filter }: View, edge: Edge | undefined): { readonly filter?: EventFilter; readonly upTo?: UpTo } {
  return { ...(filter !== undefined && { filter }), ...(edge !== undefined && { upTo: { position: edge.position } }) };
}

/** The position of the last event that a view shows. */
export async function lastShown({ context, plan, signal }: ReadWork, edge: Edge | undefined): Promise<number | undefined> {
  const { view } = plan;
  const { pageEvents, pageBytes } = context.limits;
  const shown = shownBy(view, edge);
  const read = context.store.read(view.source, {
    direction: "backwards",
    signal,
    maxBatchEvents: view.isSparse === true ? pageEvents : 1,
    maxBatchBytes: pageBytes,
    ...shown,
  });
  for await (const event of read) if (view.show(event) !== undefined) return event.position;
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
