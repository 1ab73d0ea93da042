import { Command, Event, ReactiveDomainError, type Decider } from "@reactive-domain/foundation";

// #region decider
export class LoanGranted extends Event("LoanGranted")<{ loanId: string; amount: number }> {}
export class LoanRepaid extends Event("LoanRepaid")<{ loanId: string; amount: number }> {}
export class GrantLoan extends Command("GrantLoan")<{ loanId: string; amount: number }> {}
export class Repay extends Command("Repay")<{ loanId: string; amounts: readonly number[] }> {}

type LoanCommand = GrantLoan | Repay;
type LoanEvent = LoanGranted | LoanRepaid;

export const loans: Decider<LoanCommand, { readonly owed: number }, LoanEvent> = {
  type: "Loan",
  initial: { owed: 0 },
  evolve(state, event) {
    if (event instanceof LoanGranted) return { owed: state.owed + event.amount };
    if (event instanceof LoanRepaid) return { owed: state.owed - event.amount };
    return event satisfies never;
  },
  decide(command, state) {
    if (command instanceof GrantLoan) return [new LoanGranted(command)];
    if (command instanceof Repay) return repay(command, state.owed);
    return command satisfies never;
  },
};
// #endregion

export class OverRepaid extends ReactiveDomainError {
  static readonly code = "over-repaid";
  constructor(loanId: string, owed: number) {
    super(OverRepaid.code, `No more than ${owed} is owed on loan ${loanId}.`);
  }
}

function repay({ loanId, amounts }: Repay, owed: number): readonly LoanEvent[] {
  if (amounts.reduce((sum, amount) => sum + amount, 0) > owed) throw new OverRepaid(loanId, owed);
  return amounts.map((amount) => new LoanRepaid({ loanId, amount }));
}
