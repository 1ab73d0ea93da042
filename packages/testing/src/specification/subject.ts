import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "@reactive-domain/core";
import {
  DeciderSource,
  restoreSnapshotOf,
  type AggregateClass,
  type AggregateRoot,
  type CorrelatedEventSource,
  type Decider,
  type EventBase,
  type SnapshotSource,
} from "@reactive-domain/foundation";

/** What is specified: something of which a new instance is made for each case. */
export interface Subject<V> {
  readonly type: string;
  readonly id: string;
  create(): Specimen<V>;
  /** Watches what instances share; the function tells what was done to it. */
  watch(): () => string | undefined;
}

/** One instance of a subject. */
export interface Specimen<V> {
  readonly source: CorrelatedEventSource;
  /** What an assertion looks at: the aggregate, or the state of the decider. */
  view(): V;
  /** Its state as a value, where it can be had. */
  state(): KnownState | undefined;
  /** Takes a state over from JSON, where it keeps snapshots. */
  readonly restore?: ((state: JsonValue) => void) | undefined;
}

export interface KnownState {
  readonly value: unknown;
}

/** The state of an aggregate is known when it takes snapshots. */
export function aggregateSubject<T extends AggregateRoot>(aggregateClass: AggregateClass<T>, id: string): Subject<T> {
  return {
    type: aggregateClass.type,
    id,
    create() {
      const aggregate = new aggregateClass(id);
      return { source: aggregate, view: () => aggregate, state: () => snapshotOf(aggregate), restore: restoreOf(aggregate) };
    },
    watch: () => () => undefined,
  };
}

function snapshotOf(aggregate: AggregateRoot): KnownState | undefined {
  const takes = "takeSnapshot" in aggregate && typeof aggregate.takeSnapshot === "function";
  return takes ? { value: (aggregate as { takeSnapshot(): unknown }).takeSnapshot() } : undefined;
}

function restoreOf(aggregate: AggregateRoot & Partial<SnapshotSource<JsonValue>>): Specimen<unknown>["restore"] {
  if (typeof aggregate.takeSnapshot !== "function" || typeof aggregate.restoreFromSnapshot !== "function") return undefined;
  return (state) => restoreSnapshotOf(aggregate as AggregateRoot & SnapshotSource<JsonValue>, state);
}

/** A decider, whose initial state all instances share. */
export function deciderSubject<C, S, E extends EventBase>(decider: Decider<C, S, E>, id: string): Subject<S> {
  return {
    type: decider.type,
    id,
    create() {
      const source = new DeciderSource(decider, id);
      return { source, view: () => source.state, state: () => ({ value: source.state }) };
    },
    watch() {
      const before = cloneOf(decider.initial);
      return () =>
        before === undefined || isDeepStrictEqual(decider.initial, before.value)
          ? undefined
          : "its initial state was changed, which all its instances share: evolve returns a new state, and decide changes none";
    },
  };
}

/** A copy, if there can be one that is the same. */
export function cloneOf(value: unknown): KnownState | undefined {
  try {
    const clone: unknown = structuredClone(value);
    return isDeepStrictEqual(clone, value) ? { value: clone } : undefined;
  } catch {
    return undefined;
  }
}
