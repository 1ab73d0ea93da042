import { defineListing, Query, type Page } from "@reactive-domain/messaging";

export interface Account {
  readonly accountId: string;
  readonly owner: string;
  readonly balance: number;
  readonly isOpen?: boolean;
  readonly closedAt?: string | null;
  /** Not to be filtered or sorted by. */
  readonly notes?: readonly string[];
}

export const accountList = defineListing({
  key: "accountId",
  fields: { accountId: "string", owner: "string", balance: "number", isOpen: "boolean", closedAt: "string" },
});

export class OpenAccounts extends Query("OpenAccounts", { schema: accountList })<Page<Account>> {}
