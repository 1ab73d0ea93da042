import { InvalidArgument, type JsonValue } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/messaging";
import { fold, restoreSnapshotOf, type AggregateClass, type AggregateRoot } from "../aggregates/aggregate-root.ts";
import type { CorrelatedEventSource } from "../aggregates/correlated-event-source.ts";
import { DeciderSource, type Decider } from "../aggregates/decider.ts";
import { completePolicy, type SnapshotFacts, type SnapshotPolicy, type SnapshotSource } from "../aggregates/snapshot-source.ts";

/** How the state of a kind of sources is kept. */
export interface SnapshotForm<S> {
  readonly schemaVersion: number;
  take(source: S): JsonValue;
  /** Takes a state over; what was there before is not asked for. */
  restore(source: S, state: JsonValue): void;
  isDue(source: S, facts: SnapshotFacts): boolean;
}

/** A kind of event sources: an aggregate class, or a decider. */
export interface SourceKind<S extends CorrelatedEventSource> {
  /** The class or the decider itself. */
  readonly of: object;
  readonly type: string;
  make(id: string): S;
  readonly snapshots: SnapshotForm<S> | undefined;
}

/** One source of a kind, and where its events lie. */
export interface Target<S extends CorrelatedEventSource> {
  readonly kind: SourceKind<S>;
  readonly id: string;
  readonly stream: string;
}

/** Holds what an aggregate class or a decider says of its snapshots. Errors: `invalid-argument` for a policy that is none, or a class that has no state to take. */
export function checkSnapshots(kind: AggregateClass<AggregateRoot> | { readonly type: string; readonly snapshots?: SnapshotPolicy }): void {
  if (kind.snapshots === undefined) return;
  checkPolicy(kind.type, kind.snapshots);
  if (typeof kind === "function") checkMethods(kind);
}

export function aggregateKind<T extends AggregateRoot>(aggregateClass: AggregateClass<T>): SourceKind<T> {
  const { type, snapshots: policy } = aggregateClass;
  const make = (id: string): T => new aggregateClass(id);
  if (policy === undefined) return { of: aggregateClass, type, make, snapshots: undefined };
  return { of: aggregateClass, type, make, snapshots: aggregateForm<T>(policy) };
}

export function deciderKind<C, S, E extends EventBase>(decider: Decider<C, S, E>): SourceKind<DeciderSource<C, S, E>> {
  const { type, snapshots } = decider;
  const make = (id: string): DeciderSource<C, S, E> => new DeciderSource(decider, id);
  if (snapshots === undefined) return { of: decider, type, make, snapshots: undefined };
  const complete = completePolicy(snapshots);
  const { take = (state: S) => state as JsonValue, restore = (state: JsonValue) => state as S } = snapshots;
  const form: SnapshotForm<DeciderSource<C, S, E>> = {
    schemaVersion: snapshots.schemaVersion,
    take: (source) => take(source.state),
    restore: (source, state) => source.restoreFromSnapshot(restore(state)),
    isDue: (_, facts) => isDue(complete, facts),
  };
  return { of: decider, type, make, snapshots: form };
}

type SnapshottingAggregate = AggregateRoot & SnapshotSource<JsonValue>;

function aggregateForm<T extends AggregateRoot>(policy: SnapshotPolicy): SnapshotForm<T> {
  const complete = completePolicy(policy);
  // The class was held against it.
  const asSource = (aggregate: T): SnapshottingAggregate => aggregate as T & SnapshotSource<JsonValue>;
  return {
    schemaVersion: policy.schemaVersion,
    take: (source) => {
      let state: JsonValue = null;
      // Nothing may be raised in it.
      fold(source, () => (state = asSource(source).takeSnapshot()));
      return state;
    },
    restore: (source, state) => restoreSnapshotOf(asSource(source), state),
    isDue: (source, facts) => isDue(complete, facts) || asSource(source).wantsSnapshot?.(facts) === true,
  };
}

/** Errors: `invalid-argument` for a class that has a policy, but no state to take. */
function checkMethods(aggregateClass: AggregateClass<AggregateRoot>): void {
  const { takeSnapshot, restoreFromSnapshot }: Partial<SnapshottingAggregate> = aggregateClass.prototype as Partial<SnapshottingAggregate>;
  if (typeof takeSnapshot === "function" && typeof restoreFromSnapshot === "function") return;
  throw new InvalidArgument(
    `What ${aggregateClass.type} has besides its static snapshots`,
    "the methods takeSnapshot and restoreFromSnapshot",
    undefined,
    "Implement SnapshotSource, or leave snapshots out.",
  );
}

function isDue({ everyEvents, slowerThanMs }: Required<SnapshotPolicy>, { events, loadMs }: SnapshotFacts): boolean {
  return events > 0 && (events >= everyEvents || loadMs > slowerThanMs);
}

function checkPolicy(type: string, policy: SnapshotPolicy): void {
  const of = `of the snapshots of ${type}`;
  if (typeof policy !== "object" || policy === null) throw new InvalidArgument(`The snapshots of ${type}`, "a policy", policy);
  const { schemaVersion, everyEvents = 1, slowerThanMs = 1 } = policy;
  if (!Number.isSafeInteger(schemaVersion) || schemaVersion < 1)
    throw new InvalidArgument(`The schemaVersion ${of}`, "an integer from 1", schemaVersion);
  if (!Number.isSafeInteger(everyEvents) || everyEvents < 1)
    throw new InvalidArgument(`The everyEvents ${of}`, "an integer from 1", everyEvents);
  if (!Number.isFinite(slowerThanMs) || slowerThanMs <= 0)
    throw new InvalidArgument(`The slowerThanMs ${of}`, "a number above 0", slowerThanMs);
}
