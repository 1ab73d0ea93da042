import { defineListing, defineReadModels, projectDocuments, type ProjectionOptions } from "@reactive-domain/foundation";
import { AccountOpened, AmountDeposited, AmountWithdrawn } from "../banking.ts";

export interface Balance {
  readonly accountId: string;
  readonly owner: string | null;
  balance: number;
  deposits: number;
}

/** What accounts hold, by account. */
export const balanceItems = defineReadModels("balances", {
  listing: defineListing({ key: "accountId", fields: { accountId: "string", owner: "string", balance: "number" } }),
  indexes: [["balance"]],
}).holding<Balance>();

/** What a test has a fold do beside folding. */
export type Meddling = (event: AmountDeposited, item: Balance | undefined) => void;

/** The projection of accounts to their balances. */
export function balancesWith(meddle: Meddling = () => undefined, options: ProjectionOptions = {}) {
  return projectDocuments(balanceItems, options)
    .on(
      AccountOpened,
      ({ accountId }) => accountId,
      (item, { accountId, owner }) => ({ ...newBalance(accountId), ...item, owner }),
    )
    .on(
      AmountDeposited,
      ({ accountId }) => accountId,
      (item = newBalance("?"), event) => {
        meddle(event, item);
        const { accountId, amount } = event;
        return { ...item, accountId, balance: item.balance + amount, deposits: item.deposits + 1 };
      },
    )
    .on(
      AmountWithdrawn,
      ({ accountId }) => accountId,
      (item = newBalance("?"), { accountId, amount }) => ({ ...item, accountId, balance: item.balance - amount }),
    );
}

export const balances = balancesWith();

function newBalance(accountId: string): Balance {
  return { accountId, owner: null, balance: 0, deposits: 0 };
}
