import {
  connect,
  createProjections,
  defineListing,
  defineReadModels,
  projectDocuments,
  type EventStore,
  type Projections,
  type ReadModels,
  type RepositoryOf,
} from "@reactive-domain/foundation";
import { Account, AccountOpened, AmountDeposited, AmountWithdrawn, banking } from "../aggregates/account.ts";

interface AccountView {
  readonly accountId: string;
  readonly owner: string;
  readonly balanceCents: number;
  readonly changes: number;
}

const accountViews = defineReadModels("account-views", {
  listing: defineListing({
    key: "accountId",
    fields: { accountId: "string", owner: "string", balanceCents: "number", changes: "number" },
  }),
}).holding<AccountView>();

/** What each account holds, a document each. */
const accounts = (onCommitted: () => void) =>
  projectDocuments(accountViews, { source: (bank) => bank.category(Account), onCommitted })
    .on(
      AccountOpened,
      ({ accountId }) => accountId,
      (_, { accountId, owner }) => ({ accountId, owner, balanceCents: 0, changes: 0 }),
    )
    .on(
      AmountDeposited,
      ({ accountId }) => accountId,
      (item, { amountCents }) => item && { ...item, balanceCents: item.balanceCents + amountCents, changes: item.changes + 1 },
    )
    .on(
      AmountWithdrawn,
      ({ accountId }) => accountId,
      (item, { amountCents }) => item && { ...item, balanceCents: item.balanceCents - amountCents, changes: item.changes + 1 },
    );

/** The projection of accounts, from a store to where its documents are kept; tells of each commit. */
export function accountProjections<C>(store: EventStore, views: ReadModels<C>, onCommitted: () => void = () => undefined): Projections {
  return createProjections(connect(banking, store), views, [accounts(onCommitted)]);
}

/** The repository of the documents. */
export function accountDocuments<C>(views: ReadModels<C>): Promise<RepositoryOf<typeof accountViews>> {
  return views.repository(accountViews);
}
