import type { EventFilter, ReadOptions, ReadSource, UpTo } from "@reactive-domain/persistence";
import { categoryOf } from "@reactive-domain/persistence/adapter";
import type { ModelEvent, StoreModel } from "./store-model.ts";

/** By what the events of a source are counted. */
export function cursorOf(source: ReadSource, event: Pick<ModelEvent, "version" | "position">): number {
  return "stream" in source ? event.version : event.position;
}

/** What a read of the model gives, whatever its limit. */
export function readModel(model: StoreModel, source: ReadSource, options: ReadOptions): readonly ModelEvent[] {
  const { direction = "forwards", filter = {}, upTo } = options;
  const selected = model.shown(source).filter((event) => selects(filter, event) && (upTo === undefined || isWithin(event, upTo)));
  const ordered = direction === "forwards" ? selected : selected.toReversed();
  return ordered.filter((event) => isInReach(cursorOf(source, event), options));
}

/** Whether a filter lets an event through. */
export function selects({ types, categories, streamPrefix = "", correlationId }: EventFilter, event: ModelEvent): boolean {
  return (
    (types?.includes(event.type) ?? true) &&
    (categories?.includes(categoryOf(event.stream)) ?? true) &&
    event.stream.startsWith(streamPrefix) &&
    (correlationId === undefined || (JSON.parse(event.metadata) as { readonly correlationId?: unknown }).correlationId === correlationId)
  );
}

function isWithin({ version, position }: ModelEvent, upTo: UpTo): boolean {
  if ("version" in upTo) return version <= upTo.version;
  // Times are the store's own: scripts do not name them.
  return "position" in upTo ? position <= upTo.position : true;
}

function isInReach(cursor: number, { direction = "forwards", from }: ReadOptions): boolean {
  const isForwards = direction === "forwards";
  if (from === undefined) return true;
  if (from === "start") return isForwards;
  if (from === "end") return !isForwards;
  const distance = (cursor - ("at" in from ? from.at : from.after)) * (isForwards ? 1 : -1);
  return "at" in from ? distance >= 0 : distance > 0;
}
