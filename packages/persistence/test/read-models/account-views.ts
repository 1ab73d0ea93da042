import { defineListing } from "@reactive-domain/messaging";
import { defineReadModels } from "@reactive-domain/persistence";

export interface AccountView {
  readonly accountId: string;
  readonly owner: string | null;
  readonly balanceCents: number;
  readonly isOpen?: boolean;
  readonly lines?: readonly { readonly text: string }[];
}

/** Accounts by one key. */
export const accountViews = defineReadModels("account-views", {
  listing: defineListing({
    key: "accountId",
    fields: { accountId: "string", owner: "string", balanceCents: "number", isOpen: "boolean" },
  }),
  indexes: [["balanceCents"], ["owner", "balanceCents"]],
}).holding<AccountView>();

/** Seats by a key of several fields, of several types. */
export const seats = defineReadModels("seats", {
  listing: defineListing({ key: ["hall", "row", "isLeft"], fields: { guest: "string", hall: "string", row: "number", isLeft: "boolean" } }),
});

export function account(accountId: string, more: Partial<AccountView> = {}): AccountView {
  return { accountId, owner: "Ann", balanceCents: 0, ...more };
}
