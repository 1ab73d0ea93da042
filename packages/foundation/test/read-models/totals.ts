import { ReadModelBase, type EventContext } from "@reactive-domain/foundation";
import { AmountDeposited } from "../banking.ts";

/** By account, what was paid into it. */
export type TotalsState = readonly (readonly [accountId: string, total: number])[];

/** A read model whose state can be taken and given back; a test may have its handler wait or fail. */
export class Totals extends ReadModelBase {
  readonly #totals = new Map<string, number>();
  /** How many events were handled, here and not before. */
  handled = 0;
  /** What taking the state over does beside. */
  onRestore: () => unknown = () => undefined;

  constructor(handler: (event: AmountDeposited, context: EventContext) => unknown = () => undefined) {
    super();
    this.on(AmountDeposited, async (event, context) => {
      await handler(event, context);
      this.handled++;
      this.add(event.accountId, event.amount);
    });
  }

  of(accountId: string): number {
    return this.#totals.get(accountId) ?? 0;
  }

  add(accountId: string, amount: number): void {
    this.#totals.set(accountId, this.of(accountId) + amount);
  }

  /** As a user's method that feeds the model by hand. */
  feed(accountId: string, amount: number): Promise<void> | undefined {
    return this.apply(new AmountDeposited({ accountId, amount }));
  }

  takeSnapshot(): TotalsState {
    return [...this.#totals];
  }

  restoreFromSnapshot(state: TotalsState): unknown {
    for (const [accountId, total] of state) this.#totals.set(accountId, total);
    return this.onRestore();
  }
}
