import {
  ReactiveDomainError,
  ReadModelBase,
  type EventBase,
  type EventContext,
  type MessageMetadata,
  type Version,
} from "@reactive-domain/foundation";
import { AccountClosed, AccountOpened, AmountDeposited, AmountWithdrawn } from "../domain/messages.ts";

/** One account as queries see it. */
export interface AccountView {
  readonly accountId: string;
  readonly owner: string;
  readonly isOpen: boolean;
  readonly balanceCents: number;
}

/** The event that an account's view was last changed by. */
export interface LastChange {
  readonly type: string;
  readonly version: Version;
  readonly metadata: MessageMetadata;
}

interface Entry {
  owner: string;
  isOpen: boolean;
  balanceCents: number;
  last: EventContext;
  lastType: string;
}

/** The store has lost events: it holds what can only have come later. */
class IncompleteHistory extends ReactiveDomainError {
  constructor(message: string) {
    super("incomplete-history", message);
  }
}

/** The balance of every account. */
export class Balances extends ReadModelBase {
  readonly #entries = new Map<string, Entry>();

  constructor() {
    super();
    this.on(AccountOpened, (event, context) => {
      this.#entries.set(event.accountId, {
        owner: event.owner,
        isOpen: true,
        balanceCents: 0,
        last: context,
        lastType: AccountOpened.type,
      });
    });
    this.on(AmountDeposited, (event, context) => this.#change(event, AmountDeposited.type, context, event.amountCents));
    this.on(AmountWithdrawn, (event, context) => this.#change(event, AmountWithdrawn.type, context, -event.amountCents));
    this.on(AccountClosed, (event, context) => {
      this.#change(event, AccountClosed.type, context, 0).isOpen = false;
    });
  }

  get count(): { readonly accounts: number; readonly open: number } {
    let open = 0;
    for (const { isOpen } of this.#entries.values()) if (isOpen) open++;
    return { accounts: this.#entries.size, open };
  }

  /** The accounts with the largest balances, the largest first, equal ones in the order of their ids. */
  largest(limit: number): readonly AccountView[] {
    const views = [...this.#entries].map(([accountId, { owner, isOpen, balanceCents }]) => ({ accountId, owner, isOpen, balanceCents }));
    return views.toSorted((a, b) => b.balanceCents - a.balanceCents || (a.accountId < b.accountId ? -1 : 1)).slice(0, limit);
  }

  lastChangeOf(accountId: string): LastChange | undefined {
    const entry = this.#entries.get(accountId);
    if (entry === undefined) return undefined;
    const { version, metadata } = entry.last;
    return { type: entry.lastType, version, metadata };
  }

  #change(event: EventBase & { readonly accountId: string }, type: string, context: EventContext, byCents: number): Entry {
    const entry = this.#entries.get(event.accountId);
    if (entry === undefined) throw new IncompleteHistory(`${type} came before the opening of account ${event.accountId}.`);
    entry.balanceCents += byCents;
    entry.last = context;
    entry.lastType = type;
    return entry;
  }
}
