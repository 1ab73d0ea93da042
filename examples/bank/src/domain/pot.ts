import { ChildEntity } from "@reactive-domain/foundation";
import { AmountSetAside, AmountTakenBack, PotClosed, PotOpened } from "./messages.ts";
import { Refusal } from "./refusal.ts";

/** A part of an account's balance that is set aside: it cannot be withdrawn until it is taken back. */
export class Pot extends ChildEntity<"potId"> {
  #accountId = "";
  #heldCents = 0;

  constructor(id: string) {
    super(id, "potId");
    this.register(PotOpened, (event) => {
      this.#accountId = event.accountId;
    });
    this.register(AmountSetAside, (event) => {
      this.#heldCents += event.amountCents;
    });
    this.register(AmountTakenBack, (event) => {
      this.#heldCents -= event.amountCents;
    });
  }

  get heldCents(): number {
    return this.#heldCents;
  }

  /** Whether the account has so much to set aside is the account's to know. */
  setAside(amountCents: number): void {
    this.raise(new AmountSetAside({ accountId: this.#accountId, potId: this.id, amountCents }));
  }

  takeBack(amountCents: number): void {
    if (amountCents > this.#heldCents) {
      throw new Refusal("insufficient-funds", `Pot ${this.id} holds ${this.#heldCents} cents, less than ${amountCents}.`);
    }
    this.raise(new AmountTakenBack({ accountId: this.#accountId, potId: this.id, amountCents }));
  }

  close(): void {
    if (this.#heldCents > 0) throw new Refusal("pot-not-empty", `Pot ${this.id} still holds ${this.#heldCents} cents.`);
    this.raise(new PotClosed({ accountId: this.#accountId, potId: this.id }));
  }

  /** Takes over what a snapshot of its account kept. */
  restore(accountId: string, heldCents: number): void {
    this.#accountId = accountId;
    this.#heldCents = heldCents;
  }
}
