import { Command, connect, createInMemoryStore, Event, MessageBuilder, type Decider, type SaveResult } from "@reactive-domain/foundation";
import { banking, Deposit } from "../banking.ts";
import { GrantLoan, LoanGranted, LoanRepaid, loans } from "../lending.ts";

class LoanForgiven extends Event("LoanForgiven")<{ loanId: string }> {}
class Forgive extends Command("Forgive")<{ loanId: string }> {}

export const forgetful: Decider<GrantLoan | Forgive, number, LoanGranted | LoanRepaid | LoanForgiven> = {
  type: "Forgetful",
  initial: 0,
  evolve(owed, event): number {
    if (event instanceof LoanGranted) return owed + event.amount;
    if (event instanceof LoanRepaid) return owed - event.amount;
    // @ts-expect-error LoanForgiven is not folded
    event satisfies never;
    return owed;
  },
  decide(command): readonly LoanGranted[] {
    if (command instanceof GrantLoan) return [new LoanGranted(command)];
    // @ts-expect-error Forgive is not decided
    command satisfies never;
    return [];
  },
};

export const unfinished: Decider<GrantLoan | Forgive, number, LoanGranted | LoanForgiven> = {
  type: "Unfinished",
  initial: 0,
  // @ts-expect-error a decider that forgets an event returns it instead of a state
  evolve(owed, event) {
    if (event instanceof LoanGranted) return owed + event.amount;
    return event;
  },
  // @ts-expect-error a decider that forgets a command returns nothing for it
  decide(command) {
    if (command instanceof GrantLoan) return [new LoanGranted(command)];
    return undefined;
  },
};

export const stray: Decider<GrantLoan, number, LoanGranted> = {
  type: "Stray",
  initial: 0,
  evolve: (owed, event) => owed + event.amount,
  // @ts-expect-error it decides on events of its own only
  decide: ({ loanId }) => [new LoanForgiven({ loanId })],
};

const repository = connect(banking, createInMemoryStore()).deciderRepository(loans);
const { owed }: { readonly owed: number } = await repository.stateOf("l-1");
export const result: SaveResult = await repository.handle("l-1", MessageBuilder.create(new GrantLoan({ loanId: "l-1", amount: owed })));
// @ts-expect-error loans know no deposits
await repository.handle("l-1", new Deposit({ accountId: "a-1", amount: 1 }));
// @ts-expect-error a command is a message, not its payload alone
await repository.handle("l-1", { loanId: "l-1", amount: 1 });
