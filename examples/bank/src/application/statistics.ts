import { EventBase, ReadModelBase, type SnapshotSource } from "@reactive-domain/foundation";
import type { RefusalKind } from "../domain/messages.ts";
import type { Totals } from "../domain/queries.ts";
import { CommandAccepted, CommandRefused } from "../domain/receipt.ts";

/** What a snapshot keeps. Whoever changes it, or what handlers make of events, raises the schema version. */
type StatisticsState = Omit<Totals, "refused">;

/** Counts events and outcomes. */
export class Statistics extends ReadModelBase implements SnapshotSource<StatisticsState> {
  static readonly schemaVersion = 1;
  #events = 0;
  #accepted = 0;
  readonly #refusals = new Map<RefusalKind, number>();

  constructor() {
    super();
    this.on(EventBase, () => {
      this.#events++;
    });
    this.on(CommandAccepted, () => {
      this.#accepted++;
    });
    this.on(CommandRefused, ({ kind }) => {
      this.#refusals.set(kind, (this.#refusals.get(kind) ?? 0) + 1);
    });
  }

  get totals(): Totals {
    const refusals = [...this.#refusals]
      .map(([kind, count]) => ({ kind, count }))
      .toSorted((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
    return { events: this.#events, accepted: this.#accepted, refused: refusals.reduce((sum, { count }) => sum + count, 0), refusals };
  }
  takeSnapshot(): StatisticsState {
    const { events, accepted, refusals } = this.totals;
    return { events, accepted, refusals };
  }

  restoreFromSnapshot({ events, accepted, refusals }: StatisticsState): void {
    this.#events = events;
    this.#accepted = accepted;
    for (const { kind, count } of refusals) this.#refusals.set(kind, count);
  }
}
