import type { EventFilter, RecordedEvent, ReadSource } from "@reactive-domain/persistence";
import { categoryOf, selects } from "@reactive-domain/persistence/adapter";
import type { WireFilter } from "../wire/wire-filter.ts";
import { isHiddenStream, SHOWN_STREAMS } from "./own-streams.ts";

/** Which events are wanted: as far as the server can leave others out, and of what it sends. */
export interface Selection {
  readonly wire: WireFilter;
  /** Whether the server sends nothing else. */
  readonly isExact: boolean;
  isWanted(event: RecordedEvent): boolean;
}

/**
 * What of the log is wanted for a source and a filter. A server has one condition, on types or on streams: types leave out most, then a beginning of names, then categories; the
 * rest is seen to here. Conditions on beginnings let more through than is wanted, never less.
 */
export function selectionOf(source: ReadSource, filter: EventFilter | undefined): Selection {
  const types = "eventType" in source ? [source.eventType] : filter?.types;
  const categories = "category" in source ? [source.category] : filter?.categories;
  const wanted = { ...filter, source };
  return {
    wire: wireFilterOf(types, filter?.streamPrefix, categories),
    isExact: types === undefined && categories === undefined && filter === undefined,
    isWanted: (event) => isWanted(event, wanted),
  };
}

/** The events of one stream, also those that it does not show. */
export function streamSelection(stream: string): Selection {
  return { wire: { on: "stream", prefixes: [stream] }, isExact: false, isWanted: (event) => event.stream === stream };
}

function wireFilterOf(
  types: readonly string[] | undefined,
  streamPrefix: string | undefined,
  categories: readonly string[] | undefined,
): WireFilter {
  if (types !== undefined && types.length > 0) return { on: "type", prefixes: types };
  if (streamPrefix !== undefined && streamPrefix !== "") return { on: "stream", prefixes: [streamPrefix] };
  if (categories !== undefined && categories.length > 0) return { on: "stream", prefixes: categories };
  return { on: "stream", regex: SHOWN_STREAMS };
}

function isWanted(event: RecordedEvent, { source, ...filter }: EventFilter & { readonly source: ReadSource }): boolean {
  if (isHiddenStream(event.stream) || event.type.startsWith("$")) return false;
  if ("category" in source && categoryOf(event.stream) !== source.category) return false;
  if ("eventType" in source && event.type !== source.eventType) return false;
  return selects(filter, event);
}
