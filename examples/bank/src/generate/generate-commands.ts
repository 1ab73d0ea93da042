import { derivedId } from "@reactive-domain/foundation";
import { Random } from "./random.ts";

/** One line of a command file. */
export interface CommandLine {
  readonly id: string;
  readonly type: string;
  readonly payload: Readonly<Record<string, string | number>>;
}

interface SimulatedAccount {
  readonly id: string;
  balanceCents: number;
  isOpen: boolean;
}

const COMMANDS_PER_ACCOUNT = 20;
const START_MS = Date.UTC(2026, 0, 1);
const FIRST_NAMES = ["Amina", "Bruno", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas"] as const;
const LAST_NAMES = ["Abbott", "Bergmann", "Costa", "Dupont", "Eriksen", "Fischer", "Grieg", "Horvat", "Ibsen", "Jensen"] as const;

/** Commands of a bank's day, the same for the same seed: one account for every 20, about one command in eight to be refused. */
export function* generateCommands(count: number, seed: number): Generator<CommandLine> {
  const day = new Day(new Random(seed));
  for (let index = 0; index < count; index++) {
    const command = index % COMMANDS_PER_ACCOUNT === 0 ? day.openNew() : day.next();
    yield { id: idOf(index, seed), ...command };
  }
}

/** An id that begins with a time and is the same for the same seed. */
function idOf(index: number, seed: number): string {
  const time = (START_MS + index).toString(16).padStart(12, "0");
  return derivedId(`${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`, `seed ${seed}`, index);
}

type Draft = Omit<CommandLine, "id">;

class Day {
  readonly #random: Random;
  readonly #accounts: SimulatedAccount[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  openNew(): Draft {
    const account = { id: `account-${String(this.#accounts.length + 1).padStart(6, "0")}`, balanceCents: 0, isOpen: true };
    this.#accounts.push(account);
    return this.#open(account.id);
  }

  next(): Draft {
    const account = this.#accounts[this.#random.below(this.#accounts.length)] as SimulatedAccount;
    const dice = this.#random.below(1000);
    if (dice < 560) return this.#deposit(account);
    if (dice < 940) return this.#withdraw(account, dice < 900);
    if (dice < 965) return { type: "Deposit", payload: { accountId: `nobody-${dice}`, amountCents: 1 + this.#random.below(10_000) } };
    return dice < 980 ? this.#open(account.id) : this.#close(account);
  }

  #open(accountId: string): Draft {
    return { type: "OpenAccount", payload: { accountId, owner: `${this.#random.pick(FIRST_NAMES)} ${this.#random.pick(LAST_NAMES)}` } };
  }

  #deposit(account: SimulatedAccount): Draft {
    const amountCents = 100 + this.#random.below(50_000);
    if (account.isOpen) account.balanceCents += amountCents;
    return { type: "Deposit", payload: { accountId: account.id, amountCents } };
  }

  #withdraw(account: SimulatedAccount, isAffordable: boolean): Draft {
    const most = isAffordable ? Math.max(account.balanceCents, 1) : 2 * account.balanceCents + 10_000;
    const amountCents = 1 + this.#random.below(most);
    if (account.isOpen && amountCents <= account.balanceCents) account.balanceCents -= amountCents;
    return { type: "Withdraw", payload: { accountId: account.id, amountCents } };
  }

  #close(account: SimulatedAccount): Draft {
    if (account.balanceCents === 0) account.isOpen = false;
    return { type: "CloseAccount", payload: { accountId: account.id } };
  }
}
