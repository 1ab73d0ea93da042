import type { NewEvent, WriteItem } from "@reactive-domain/persistence";
import type { Action, Step } from "./script.ts";

/** Steps that are a little simpler than one. None is a way back, so that simplifying comes to an end. */
export function simplerSteps({ caller, action }: Step): readonly Step[] {
  const calmer = caller === 0 ? [] : [{ caller: 0, action }];
  return [...calmer, ...simplerActions(action).map((simpler) => ({ caller, action: simpler }))];
}

function simplerActions(action: Action): readonly Action[] {
  switch (action.kind) {
    case "write":
      return simplerLists(action.items, simplerItems).map((items) => changed(action, { items }));
    case "read":
      return simplerOptions(action.options).map((options) => changed(action, { options }));
    case "follow": {
      const lazy = action.isEager ? [{ ...action, isEager: false }] : [];
      return [...lazy, ...simplerOptions(action.options).map((options) => changed(action, { options }))];
    }
    case "advance":
      return action.messages === 1 ? [] : [{ ...action, messages: 1 }];
    default:
      return [];
  }
}

/** Without one of the options, or with a simpler filter. */
function simplerOptions<T extends object>(options: T): readonly T[] {
  const keys = Object.keys(options) as (keyof T)[];
  const fewer = keys.map((key) => Object.fromEntries(Object.entries(options).filter(([name]) => name !== key)) as T);
  const filter = "filter" in options && typeof options.filter === "object" && options.filter !== null ? options.filter : {};
  const simplerFilters = Object.keys(filter).length > 1 ? simplerOptions(filter) : [];
  return [...fewer, ...simplerFilters.map((simpler) => changed(options, { filter: simpler } as object))];
}

function simplerItems(item: WriteItem): readonly WriteItem[] {
  if (item.kind === "metadata") return simplerOptions(item.metadata).map((metadata) => changed(item, { metadata }));
  const free: readonly WriteItem[] =
    "expectedVersion" in item && item.kind !== "expect" && item.expectedVersion !== "any" ? [{ ...item, expectedVersion: "any" }] : [];
  if (item.kind !== "append") return free;
  return [...free, ...simplerLists(item.events, simplerEvents).map((events) => changed(item, { events }))];
}

function simplerEvents(event: NewEvent): readonly NewEvent[] {
  return event.metadata === "{}" ? [] : [{ ...event, metadata: "{}" }];
}

/** Without one of several, or with a simpler one. One at least there must be. */
function simplerLists<T>(list: readonly T[], simpler: (one: T) => readonly T[]): readonly (readonly T[])[] {
  const fewer = list.length === 1 ? [] : list.map((_, index) => list.toSpliced(index, 1));
  return [...fewer, ...list.flatMap((one, index) => simpler(one).map((other) => list.with(index, other)))];
}

function changed<T extends object>(one: T, changes: Partial<T>): T {
  return { ...one, ...changes };
}
