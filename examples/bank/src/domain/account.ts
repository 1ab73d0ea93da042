import { AggregateRoot, type SnapshotSource } from "@reactive-domain/foundation";
import { AccountClosed, AccountOpened, AmountDeposited, AmountWithdrawn, PotClosed, PotOpened } from "./messages.ts";
import { Pot } from "./pot.ts";
import { Refusal } from "./refusal.ts";

/** Beyond it, numbers skip cents. */
const LARGEST_BALANCE_CENTS = Number.MAX_SAFE_INTEGER;
const MOST_POTS = 20;

/** What a snapshot keeps. Whoever changes it raises the schema version. */
interface AccountState {
  readonly state: "none" | "open" | "closed";
  readonly balanceCents: number;
  readonly pots: readonly { readonly id: string; readonly heldCents: number }[];
}

/** A bank account, which never owes anything. Of its balance, a part may be set aside in pots. */
export class Account extends AggregateRoot implements SnapshotSource<AccountState> {
  static readonly type = "Account";
  static readonly snapshots = { schemaVersion: 1, everyEvents: 100 };
  readonly #pots = this.entities(Pot);
  #state: AccountState["state"] = "none";
  #balanceCents = 0;

  constructor(id: string) {
    super(id);
    this.register(AccountOpened, () => {
      this.#state = "open";
    });
    this.register(AmountDeposited, (event) => {
      this.#balanceCents += event.amountCents;
    });
    this.register(AmountWithdrawn, (event) => {
      this.#balanceCents -= event.amountCents;
    });
    this.register(AccountClosed, () => {
      this.#state = "closed";
      for (const { id: potId } of this.#pots) this.#pots.remove(potId);
    });
    this.register(PotOpened, (event) => void this.#pots.add(event.potId));
    this.register(PotClosed, (event) => this.#pots.remove(event.potId));
  }

  open(owner: string, coOwner?: string): void {
    if (this.#state !== "none") throw new Refusal("account-exists", `Account ${this.id} was opened before.`);
    this.raise(new AccountOpened({ accountId: this.id, owners: coOwner === undefined ? [owner] : [owner, coOwner] }));
  }

  deposit(amountCents: number): void {
    this.#refuseUnlessOpen();
    if (amountCents > LARGEST_BALANCE_CENTS - this.#balanceCents) {
      const would = `Account ${this.id} holds ${this.#balanceCents} cents, and with ${amountCents} more`;
      throw new Refusal("balance-too-large", `${would} would hold more than ${LARGEST_BALANCE_CENTS}.`);
    }
    this.raise(new AmountDeposited({ accountId: this.id, amountCents }));
  }

  withdraw(amountCents: number): void {
    this.#refuseUnlessOpen();
    this.#refuseUnlessFree(amountCents);
    this.raise(new AmountWithdrawn({ accountId: this.id, amountCents }));
  }

  close(): void {
    this.#refuseUnlessOpen();
    if (this.#balanceCents > 0) throw new Refusal("balance-not-zero", `Account ${this.id} still holds ${this.#balanceCents} cents.`);
    this.raise(new AccountClosed({ accountId: this.id }));
  }

  openPot(potId: string, name: string): void {
    this.#refuseUnlessOpen();
    if (this.#pots.has(potId)) throw new Refusal("pot-exists", `Account ${this.id} has a pot ${potId}.`);
    if (this.#pots.size >= MOST_POTS)
      throw new Refusal("too-many-pots", `Account ${this.id} has ${MOST_POTS} pots, the most there may be.`);
    this.raise(new PotOpened({ accountId: this.id, potId, name }));
  }

  setAside(potId: string, amountCents: number): void {
    const pot = this.#openPot(potId);
    this.#refuseUnlessFree(amountCents);
    pot.setAside(amountCents);
  }

  takeBack(potId: string, amountCents: number): void {
    this.#openPot(potId).takeBack(amountCents);
  }

  closePot(potId: string): void {
    this.#openPot(potId).close();
  }

  takeSnapshot(): AccountState {
    const pots = [...this.#pots].map(({ id, heldCents }) => ({ id, heldCents }));
    return { state: this.#state, balanceCents: this.#balanceCents, pots };
  }

  restoreFromSnapshot({ state, balanceCents, pots }: AccountState): void {
    this.#state = state;
    this.#balanceCents = balanceCents;
    for (const { id, heldCents } of pots) this.#pots.add(id).restore(this.id, heldCents);
  }

  #openPot(potId: string): Pot {
    this.#refuseUnlessOpen();
    const pot = this.#pots.get(potId);
    if (pot === undefined) throw new Refusal("no-such-pot", `Account ${this.id} has no pot ${potId}.`);
    return pot;
  }

  #refuseUnlessOpen(): void {
    if (this.#state === "none") throw new Refusal("no-such-account", `There is no account ${this.id}.`);
    if (this.#state === "closed") throw new Refusal("account-closed", `Account ${this.id} is closed.`);
  }

  #refuseUnlessFree(amountCents: number): void {
    let setAsideCents = 0;
    for (const { heldCents } of this.#pots) setAsideCents += heldCents;
    if (amountCents <= this.#balanceCents - setAsideCents) return;
    const beside = setAsideCents === 0 ? "" : ` beside ${setAsideCents} in pots`;
    const holds = `Account ${this.id} holds ${this.#balanceCents - setAsideCents} cents${beside}`;
    throw new Refusal("insufficient-funds", `${holds}, less than ${amountCents}.`);
  }
}
