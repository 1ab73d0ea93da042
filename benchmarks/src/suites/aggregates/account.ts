import { AggregateRoot, boundedContext, Command, Event, type BoundedContext, type SnapshotSource } from "@reactive-domain/foundation";

export class AccountOpened extends Event("AccountOpened")<{ accountId: string; owner: string }> {}
export class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amountCents: number }> {}
export class AmountWithdrawn extends Event("AmountWithdrawn")<{ accountId: string; amountCents: number }> {}

export class Deposit extends Command("Deposit")<{ accountId: string }> {}

/** What all works of the suite load and change. */
export class Account extends AggregateRoot {
  static readonly type = "Account";
  #isOpen = false;
  #balanceCents = 0;

  constructor(id: string) {
    super(id);
    this.register(AccountOpened, () => {
      this.#isOpen = true;
    });
    this.register(AmountDeposited, (event) => {
      this.#balanceCents += event.amountCents;
    });
    this.register(AmountWithdrawn, (event) => {
      this.#balanceCents -= event.amountCents;
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get balanceCents(): number {
    return this.#balanceCents;
  }

  deposit(amountCents: number): void {
    this.raise(new AmountDeposited({ accountId: this.id, amountCents }));
  }
}

/** An account whose state is kept after each 100 events. */
export class KeptAccount extends AggregateRoot implements SnapshotSource<{ readonly balanceCents: number }> {
  static readonly type = "KeptAccount";
  static readonly snapshots = { schemaVersion: 1, everyEvents: 100 };
  #balanceCents = 0;

  constructor(id: string) {
    super(id);
    this.passThrough(AccountOpened);
    this.register(AmountDeposited, (event) => {
      this.#balanceCents += event.amountCents;
    });
    this.register(AmountWithdrawn, (event) => {
      this.#balanceCents -= event.amountCents;
    });
  }

  get balanceCents(): number {
    return this.#balanceCents;
  }

  takeSnapshot(): { readonly balanceCents: number } {
    return { balanceCents: this.#balanceCents };
  }

  restoreFromSnapshot({ balanceCents }: { readonly balanceCents: number }): void {
    this.#balanceCents = balanceCents;
  }
}

export const ACCOUNT_EVENTS = [AccountOpened, AmountDeposited, AmountWithdrawn];
export const banking: BoundedContext = boundedContext("banking", { aggregates: [Account, KeptAccount], events: ACCOUNT_EVENTS });
