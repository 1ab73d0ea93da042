import { ReadModelBase, ReactiveDomainError, type EventContext } from "@reactive-domain/foundation";
import { AmountDeposited, Anything } from "../specification/accounts.ts";

export class NotThirteen extends ReactiveDomainError {
  constructor() {
    super("not-thirteen", "Thirteen brings bad luck.");
  }
}

/** What every account holds, by stream, with what handlers were told. It does not like 13. */
export class Balances extends ReadModelBase {
  readonly byStream = new Map<string, number>();
  readonly contexts: EventContext[] = [];
  readonly values: unknown[] = [];

  constructor() {
    super();
    this.on(AmountDeposited, ({ amount }, context) => {
      if (amount === 13) throw new NotThirteen();
      this.contexts.push(context);
      this.byStream.set(context.stream, (this.byStream.get(context.stream) ?? 0) + amount);
    });
    this.on(Anything, ({ value }) => void this.values.push(value));
  }

  get total(): number {
    return [...this.byStream.values()].reduce((sum, amount) => sum + amount, 0);
  }
}

/** A sum that keeps snapshots, with a flaw that a test chooses. */
export class Sum extends ReadModelBase {
  sum = 0;
  count = 0;
  #last = 0;

  constructor(flaw: Partial<Flaw> = {}) {
    super();
    this.#flaw = { take: ({ sum, count }) => ({ sum, count }), ...flaw };
    this.on(AmountDeposited, (event, context) => {
      this.#flaw.handle?.(this, event, context);
      this.sum += event.amount;
      this.count++;
      this.#last = event.amount;
    });
  }

  readonly #flaw: Partial<Flaw> & Pick<Flaw, "take">;

  get last(): number {
    return this.#last;
  }

  takeSnapshot(): unknown {
    return this.#flaw.take(this);
  }

  restoreFromSnapshot(state: { readonly sum: number; readonly count: number }): void {
    this.sum = state.sum;
    this.count = state.count;
    this.#flaw.restored?.(this);
  }
}

interface Flaw {
  take(model: Sum): unknown;
  handle(model: Sum, event: AmountDeposited, context: EventContext): void;
  restored(model: Sum): void;
}
