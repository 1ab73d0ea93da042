import { EventBase, ReadModelBase } from "@reactive-domain/foundation";
import type { RefusalKind } from "../domain/messages.ts";
import type { Totals } from "../domain/queries.ts";
import { CommandAccepted, CommandRefused } from "../domain/receipt.ts";

/** Counts events and outcomes. */
export class Statistics extends ReadModelBase {
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
}
