// Compiled, never run: what must compile, and what must not.
import {
  createQueryBus,
  defineListing,
  listFrom,
  Query,
  type FieldOf,
  type Listing,
  type Page,
  type PlainSchema,
} from "@reactive-domain/messaging";
import { accountList, OpenAccounts, type Account } from "./accounts.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

interface Ticket {
  readonly id: number;
  readonly state: "open" | "closed";
  readonly isUrgent: boolean;
  readonly dueMs?: number;
  readonly tags: readonly string[];
  readonly owner: { readonly name: string };
  readonly not: string;
}

export function fields(): void {
  const same: Same<FieldOf<Ticket>, "id" | "state" | "isUrgent" | "dueMs"> = true;
  void same;
}

export function filters(): void {
  const fine: Listing<Ticket> = {
    filter: {
      id: { in: [1, 2], gte: 1 },
      state: { eq: "open", startsWith: "o" },
      isUrgent: { ne: false },
      dueMs: { eq: null },
      or: [{ id: { eq: 1 } }, { not: { dueMs: { lt: 5 }, and: [] } }],
    },
    sort: [{ by: "dueMs", direction: "desc" }, { by: "id" }],
    page: { size: 10, after: undefined, total: true },
  };
  void fine;
  // @ts-expect-error no such field
  const unknown: Listing<Ticket> = { filter: { name: { eq: "a" } } };
  // @ts-expect-error a list is no scalar
  const list: Listing<Ticket> = { filter: { tags: { contains: "a" } } };
  // @ts-expect-error another type
  const type: Listing<Ticket> = { filter: { id: { eq: "1" } } };
  // @ts-expect-error no such state
  const state: Listing<Ticket> = { filter: { state: { eq: "gone" } } };
  // @ts-expect-error text is asked of text alone
  const text: Listing<Ticket> = { filter: { id: { contains: "1" } } };
  // @ts-expect-error a boolean has no range
  const range: Listing<Ticket> = { filter: { isUrgent: { lt: true } } };
  // @ts-expect-error it always holds a value
  const never: Listing<Ticket> = { filter: { id: { eq: null } } };
  // @ts-expect-error nothing has no range
  const nothing: Listing<Ticket> = { filter: { dueMs: { lt: null } } };
  // @ts-expect-error an operand that may be missing would open the list
  const lost: Listing<Ticket> = { filter: { id: { eq: undefined } } };
  // @ts-expect-error no such field, deep down
  const deep: Listing<Ticket> = { filter: { or: [{ not: { name: { eq: "a" } } }] } };
  // @ts-expect-error no such field to sort by
  const by: Listing<Ticket> = { sort: [{ by: "tags" }] };
  // @ts-expect-error no such direction
  const direction: Listing<Ticket> = { sort: [{ by: "id", direction: "up" }] };
  void [unknown, list, type, state, text, range, never, nothing, lost, deep, by, direction];
}

export async function queries(): Promise<void> {
  const plain: PlainSchema<typeof accountList> = undefined;
  void plain;
  const bus = createQueryBus();
  const accounts = new Map<string, Account>();
  bus.handle(OpenAccounts, (query) => listFrom(accounts.values(), query, accountList));
  const { items, next } = await bus.ask(new OpenAccounts({ filter: { owner: { eq: "Ann" }, closedAt: { eq: null } } }));
  const first: string | undefined = items[0]?.notes?.[0] ?? next;
  void first;
  // @ts-expect-error no such field
  new OpenAccounts({ filter: { notes: { eq: "a" } } });

  class Listed extends Query("Listed")<Listing<Account>, Page<Account>> {}
  bus.handle(Listed, (query) => listFrom(accounts.values(), query, accountList));
  class OfBranch extends Query("OfBranch", { extends: OpenAccounts })<{ branch: string }> {}
  bus.handle(OfBranch, (query) => listFrom(query.branch === "north" ? accounts.values() : [], query, accountList));
}

export function definitions(): void {
  // @ts-expect-error a key that is no field
  defineListing({ key: "id", fields: { accountId: "string" } });
  // @ts-expect-error no such type
  defineListing({ key: "accountId", fields: { accountId: "date" } });
  // @ts-expect-error the items lack the owner
  listFrom([{ accountId: "a", balance: 1, isOpen: true, closedAt: null }], {}, accountList);
  // @ts-expect-error the items hold another type
  listFrom([{ accountId: "a", owner: "b", balance: "1", isOpen: true, closedAt: null }], {}, accountList);
  const tickets = defineListing({ key: ["state", "id"], fields: { state: "string", id: "number" } });
  const asked: Listing<Ticket> = { filter: { id: { gt: 1 } } };
  // @ts-expect-error more fields may be sorted by than the definition opens
  listFrom<(typeof tickets)["fields"], Ticket>([], asked, tickets);
  const open: Listing<Pick<Ticket, "id" | "state">> = { filter: { state: { eq: "open" } } };
  const page: Page<Ticket> = listFrom([] as readonly Ticket[], open, tickets);
  void page;
}
