import { AggregateRoot, boundedContext, connect, createInMemoryStore } from "@reactive-domain/foundation";
import { Account, AccountOpened, AmountDeposited, banking } from "../banking.ts";

class Nameless extends AggregateRoot {}

const bank = connect(banking, createInMemoryStore());
// @ts-expect-error an aggregate class says its stored name: static readonly type
bank.repository(Nameless);
// @ts-expect-error an aggregate class says its stored name: static readonly type
bank.correlatedRepository(Nameless);
// @ts-expect-error an aggregate class says its stored name: static readonly type
boundedContext("nameless", { aggregates: [Nameless], events: [] });

class Particular extends AggregateRoot {
  static readonly type = "Particular";
  readonly limit: number;
  constructor(id: string, limit: number) {
    super(id);
    this.limit = limit;
  }
}
// @ts-expect-error a repository makes aggregates from their id alone
bank.repository(Particular);

class Strict extends AggregateRoot {
  static readonly type = "Strict";
  amount = 0;

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, (event) => {
      this.amount += event.amount satisfies number;
    });
    this.register(AccountOpened, (event) => {
      // @ts-expect-error an opening has no amount
      this.amount += event.amount;
    });
    // @ts-expect-error a route of deposits does not take openings
    this.register(AmountDeposited, (event: AccountOpened) => event.owner);
    // @ts-expect-error a command class is no event class
    this.register(Account, () => undefined);
  }

  payload(): void {
    // @ts-expect-error a payload is not an event
    this.raise({ accountId: this.id, amount: 5 });
    // @ts-expect-error a deposit has an amount
    this.raise(new AmountDeposited({ accountId: this.id }));
  }
}

// @ts-expect-error only the aggregate itself raises
new Strict("s-1").raise(new AmountDeposited({ accountId: "s-1", amount: 1 }));

const loaded: Account | undefined = await bank.repository(Account).tryGetById("a-1");
// @ts-expect-error where there may be no aggregate, the compiler asks
loaded.deposit(5);
