/** When snapshots of a kind are written, and of which shape they are. */
export interface SnapshotPolicy {
  /** Version of the state's shape, an integer from 1. Raise it when the shape changes: older snapshots are passed over then, and replaced. */
  readonly schemaVersion: number;
  /** A snapshot is due when so many events lie behind the last one, or behind the beginning. An integer from 1. Default 100, or never where `slowerThanMs` is given. */
  readonly everyEvents?: number;
  /** A snapshot is due when loading took longer, in milliseconds, above 0. Default: never. */
  readonly slowerThanMs?: number;
}

const DEFAULT_EVERY_EVENTS = 100;

/** A policy with its defaults filled in; what never happens is infinite. */
export function completePolicy({ schemaVersion, everyEvents, slowerThanMs }: SnapshotPolicy): Required<SnapshotPolicy> {
  const never = Number.POSITIVE_INFINITY;
  return {
    schemaVersion,
    everyEvents: everyEvents ?? (slowerThanMs === undefined ? DEFAULT_EVERY_EVENTS : never),
    slowerThanMs: slowerThanMs ?? never,
  };
}

/** What lies behind the last snapshot. */
export interface SnapshotFacts {
  /** How many events: all there are, where there is no snapshot. */
  readonly events: number;
  /** How long loading took, in milliseconds; 0 after a save. */
  readonly loadMs: number;
}

/**
 * An aggregate whose state can be kept, so that it need not be folded from the first event again (the guide's `ISnapshotSource`). Its class says when, by
 * `static readonly snapshots`. Snapshots are written when a save or a load is done, and never hold what is not saved.
 *
 * @example
 * class Account extends AggregateRoot implements SnapshotSource<{ balance: number }> {
 *   static readonly snapshots = { schemaVersion: 1, everyEvents: 100 };
 *   takeSnapshot() { return { balance: this.#balance }; }
 *   restoreFromSnapshot(state: { balance: number }) { this.#balance = state.balance; }
 * }
 */
export interface SnapshotSource<S> {
  /** The state as JSON data. It is called when nothing is pending. */
  takeSnapshot(): S;
  /** Takes the state over, on a new instance. Child entities are added here as in a route. What it throws makes the snapshot worthless: the events are folded instead. */
  restoreFromSnapshot(snapshot: S): void;
  /** Whether a snapshot is due, beside what the policy says. Default: no. */
  wantsSnapshot?(facts: SnapshotFacts): boolean;
}
