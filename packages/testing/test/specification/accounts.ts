import {
  AggregateRoot,
  boundedContext,
  Command,
  currentRuntime,
  Event,
  EventBase,
  ReactiveDomainError,
  type Decider,
} from "@reactive-domain/foundation";
import * as v from "valibot";

export class AccountOpened extends Event("AccountOpened")<{ owner: string; note?: string | undefined }> {}
export class AmountDeposited extends Event("AmountDeposited", { schema: v.object({ amount: v.number() }) }) {}
export class GiftReceived extends Event("GiftReceived", { extends: AmountDeposited })<{ from: string }> {}
export class Anything extends Event("Anything")<{ value: unknown }> {}
export class Ticked extends Event("Ticked")<{ id: string; time: string }> {}

export class Deposit extends Command("Deposit")<{ amount: number }> {}
export class Withdraw extends Command("Withdraw")<{ amount: number }> {}

export class Refused extends ReactiveDomainError {
  constructor(code: string, message = "No.") {
    super(code, message);
  }
}
export class InsufficientFunds extends Refused {
  constructor(amount: number) {
    super("insufficient-funds", `There is less than ${amount}.`);
  }
}

/** An account that does what a test asks of it, also what it should not. */
export class Account extends AggregateRoot {
  static readonly type = "Account";
  balance = 0;
  seen: string[] = [];

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, ({ amount }) => {
      this.balance += amount;
    });
    this.register(EventBase, () => undefined);
  }

  takeSnapshot(): unknown {
    return { balance: this.balance };
  }

  deposit(amount: number): void {
    this.raise(new AmountDeposited({ amount }));
  }

  withdraw(amount: number): void {
    if (amount > this.balance) throw new InsufficientFunds(amount);
    this.deposit(-amount);
  }

  tick(): void {
    const { clock, ids } = currentRuntime();
    this.raise(new Ticked({ id: ids.next(), time: new Date(clock.now()).toISOString() }));
  }

  note(...events: readonly EventBase[]): void {
    for (const event of events) this.raise(event);
  }
}

export const banking = boundedContext("banking", { aggregates: [Account], events: [AmountDeposited] });

interface Counted {
  readonly balance: number;
  readonly note?: string | undefined;
}

export const accounts: Decider<Deposit | Withdraw, Counted, AccountOpened | AmountDeposited> = {
  type: "Account",
  initial: { balance: 0 },
  evolve(state, event) {
    if (event instanceof AccountOpened) return { ...state, note: event.note };
    if (event instanceof AmountDeposited) return { ...state, balance: state.balance + event.amount };
    return event satisfies never;
  },
  decide(command, state) {
    if (command instanceof Deposit) return [new AmountDeposited({ amount: command.amount })];
    if (command.amount > state.balance) throw new InsufficientFunds(command.amount);
    return [new AmountDeposited({ amount: -command.amount })];
  },
};
