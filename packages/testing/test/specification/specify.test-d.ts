import { specify, type CommandsNeedHandle } from "@reactive-domain/testing";
import { Account, AccountOpened, accounts, AmountDeposited, Anything, Deposit, InsufficientFunds, Withdraw } from "./accounts.ts";

const deposited = new AmountDeposited({ amount: 1 });
const account = specify(Account);
const decider = specify(accounts);

account
  .given([deposited, new Anything({ value: 1 })])
  .when((one) => one.deposit(1))
  .then([deposited]);
account.when((one) => one.deposit(1)).then((one) => one.balance satisfies number);
account.when((one) => one.withdraw(1)).then(InsufficientFunds);
account.when((one) => one.withdraw(1)).then(new InsufficientFunds(1));
account.when((one) => one.withdraw(1)).then({ code: "insufficient-funds" });
account
  .when(() => {
    throw new Error("never");
  })
  .then(Error);
// @ts-expect-error a payload is no event
account.given([{ amount: 1 }]);
// @ts-expect-error an account has no such method
account.when((one) => one.grant(1));
// @ts-expect-error a command is carried out by a handle
account.when(new Deposit({ amount: 1 }));
/** The last of the overloads is the one that the compiler tells of. */
type Taken = Parameters<typeof account.when>[0];
type Same<A, B> = [A, B] extends [B, A] ? ([A] extends [never] ? false : true) : false;
true satisfies Same<Taken, CommandsNeedHandle>;
// @ts-expect-error a command is no event
account.when((one) => one.deposit(1)).then([new Deposit({ amount: 1 })]);
// @ts-expect-error an event stands in a list
account.when((one) => one.deposit(1)).then(deposited);
// @ts-expect-error something is expected
account.when((one) => one.deposit(1)).then(undefined);
// @ts-expect-error the state of an aggregate is looked at
account.when((one) => one.deposit(1)).then({ state: { balance: 1 } });
// @ts-expect-error an aggregate decides at once
account.when(async (one) => one.deposit(1)).then([deposited]);
// @ts-expect-error what is awaited expects nothing
await account.when((one) => one.deposit(1));

const handled = specify(Account, { handle: (one, command: Deposit) => one.deposit(command.amount) });
handled
  .given([deposited])
  .when(new Deposit({ amount: 1 }))
  .then([deposited]);
handled.when((one) => one.withdraw(1)).then([]);
// @ts-expect-error the handle takes deposits only
handled.when(new Withdraw({ amount: 1 }));

decider
  .given([deposited, new AccountOpened({ owner: "Ann" })])
  .when(new Withdraw({ amount: 1 }))
  .then([deposited]);
decider.when(new Withdraw({ amount: 1 })).then((state) => state.balance satisfies number);
decider.when(new Withdraw({ amount: 1 })).then({ state: { balance: 1 } });
decider.when(new Withdraw({ amount: 1 })).then({ code: "insufficient-funds" });
decider.when(new Withdraw({ amount: 1 })).then([]);
// @ts-expect-error the decider knows no such event
decider.given([new Anything({ value: 1 })]);
// @ts-expect-error the decider knows no such event
decider.when(new Withdraw({ amount: 1 })).then([new Anything({ value: 1 })]);
// @ts-expect-error an event is no command
decider.when(deposited);
// @ts-expect-error a payload is no command
decider.when({ amount: 1 });
// @ts-expect-error the state has a balance
decider.when(new Withdraw({ amount: 1 })).then({ state: { owed: 1 } });
// @ts-expect-error what is awaited expects nothing
await decider.when(new Withdraw({ amount: 1 }));
