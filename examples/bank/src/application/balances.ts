import { ReadModelBase, type EventBase, type EventContext, type SnapshotSource } from "@reactive-domain/foundation";
import {
  AccountClosed,
  AccountOpened,
  AmountDeposited,
  AmountSetAside,
  AmountTakenBack,
  AmountWithdrawn,
  PotClosed,
  PotOpened,
} from "../domain/messages.ts";
import type { AccountRow, AccountView, Holdings, LastChange, PotView } from "../domain/queries.ts";
import { IncompleteHistory } from "./incomplete-history.ts";

interface Entry {
  owner: string;
  isOpen: boolean;
  balanceCents: number;
  /** Decoded when somebody asks. */
  last: Pick<EventContext, "version" | "metadata">;
  lastType: string;
  readonly pots: Map<string, PotEntry>;
}

interface PotEntry {
  readonly name: string;
  heldCents: number;
}

type OfAccount = EventBase & { readonly accountId: string };

/** What a snapshot keeps. Whoever changes it, or what handlers make of events, raises the schema version. */
interface BalancesState {
  readonly accounts: readonly (AccountView & { readonly last: LastChange; readonly pots: readonly PotView[] })[];
}

/** The balance of every account, and what of it is set aside. */
export class Balances extends ReadModelBase implements SnapshotSource<BalancesState> {
  static readonly schemaVersion = 1;
  readonly #entries = new Map<string, Entry>();

  constructor() {
    super();
    this.on(AccountOpened, (event, context) => {
      this.#entries.set(event.accountId, {
        owner: event.owners.join(" and "),
        isOpen: true,
        balanceCents: 0,
        last: context,
        lastType: AccountOpened.type,
        pots: new Map(),
      });
    });
    this.on(AmountDeposited, (event, context) => this.#change(event, AmountDeposited.type, context, event.amountCents));
    this.on(AmountWithdrawn, (event, context) => this.#change(event, AmountWithdrawn.type, context, -event.amountCents));
    this.on(AccountClosed, (event, context) => {
      const entry = this.#change(event, AccountClosed.type, context, 0);
      entry.isOpen = false;
      entry.pots.clear();
    });
    this.on(PotOpened, (event) => {
      this.#entryOf(event, PotOpened.type).pots.set(event.potId, { name: event.name, heldCents: 0 });
    });
    this.on(AmountSetAside, (event) => this.#changePot(event, AmountSetAside.type, event.amountCents));
    this.on(AmountTakenBack, (event) => this.#changePot(event, AmountTakenBack.type, -event.amountCents));
    this.on(PotClosed, (event) => {
      this.#entryOf(event, PotClosed.type).pots.delete(event.potId);
    });
  }

  get count(): Holdings {
    let open = 0;
    let potCount = 0;
    for (const { isOpen, pots } of this.#entries.values()) {
      if (isOpen) open++;
      potCount += pots.size;
    }
    return { accounts: this.#entries.size, open, pots: potCount };
  }

  /** The accounts with the largest balances, the largest first, equal ones in the order of their ids. */
  largest(limit: number): readonly AccountView[] {
    const views = Array.from(this.#entries, ([accountId, entry]) => viewOf(accountId, entry));
    return views.toSorted((a, b) => b.balanceCents - a.balanceCents || (a.accountId < b.accountId ? -1 : 1)).slice(0, limit);
  }

  /** All accounts, as lists show them. */
  *rows(): Generator<AccountRow> {
    for (const [accountId, { owner, isOpen, balanceCents, pots }] of this.#entries) {
      let setAsideCents = 0;
      for (const { heldCents } of pots.values()) setAsideCents += heldCents;
      yield { accountId, owner, state: isOpen ? "open" : "closed", balanceCents, setAsideCents, pots: pots.size };
    }
  }

  lastChangeOf(accountId: string): LastChange | undefined {
    const entry = this.#entries.get(accountId);
    return entry && lastChangeIn(entry);
  }

  /** The pots of an account that are open, in the order in which they were opened. */
  potsOf(accountId: string): readonly PotView[] {
    const entry = this.#entries.get(accountId);
    return entry === undefined ? [] : potsIn(entry);
  }

  takeSnapshot(): BalancesState {
    const accounts = Array.from(this.#entries, ([accountId, entry]) => ({
      ...viewOf(accountId, entry),
      last: lastChangeIn(entry),
      pots: potsIn(entry),
    }));
    return { accounts };
  }

  restoreFromSnapshot({ accounts }: BalancesState): void {
    for (const { accountId, last, pots, ...known } of accounts) {
      const { type: lastType, ...place } = last;
      const held = new Map(pots.map(({ potId, name, heldCents }) => [potId, { name, heldCents }]));
      this.#entries.set(accountId, { ...known, last: place, lastType, pots: held });
    }
  }

  #change(event: OfAccount, type: string, context: EventContext, byCents: number): Entry {
    const entry = this.#entryOf(event, type);
    entry.balanceCents += byCents;
    entry.last = context;
    entry.lastType = type;
    return entry;
  }

  #changePot(event: OfAccount & { readonly potId: string }, type: string, byCents: number): void {
    const pot = this.#entryOf(event, type).pots.get(event.potId);
    if (pot === undefined)
      throw new IncompleteHistory(`${type} came before the opening of pot ${event.potId} of account ${event.accountId}.`);
    pot.heldCents += byCents;
  }

  #entryOf({ accountId }: OfAccount, type: string): Entry {
    const entry = this.#entries.get(accountId);
    if (entry === undefined) throw new IncompleteHistory(`${type} came before the opening of account ${accountId}.`);
    return entry;
  }
}

function viewOf(accountId: string, { owner, isOpen, balanceCents }: Entry): AccountView {
  return { accountId, owner, isOpen, balanceCents };
}

function lastChangeIn({ last: { version, metadata }, lastType }: Entry): LastChange {
  return { type: lastType, version, metadata };
}

function potsIn({ pots }: Entry): readonly PotView[] {
  return Array.from(pots, ([potId, { name, heldCents }]) => ({ potId, name, heldCents }));
}
