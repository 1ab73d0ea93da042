import {
  classOf,
  CommandAlreadyApplied,
  createReader,
  EventAlreadyRecorded,
  metadataOf,
  ReactiveDomainError,
  WrongExpectedVersion,
  type CommandBus,
  type ConnectedContext,
  type CorrelatedRepository,
  type Position,
  type Repository,
} from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import {
  CloseAccount,
  ClosePot,
  Deposit,
  OpenAccount,
  OpenPot,
  SetAside,
  TakeBack,
  Withdraw,
  type BankCommand,
  type Outcome,
} from "../domain/messages.ts";
import { Receipt } from "../domain/receipt.ts";
import { Refusal } from "../domain/refusal.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** A command came under the id of another one with other content. */
export class CommandIdReused extends ReactiveDomainError {
  static readonly code = "command-id-reused";

  constructor(commandId: string) {
    super(CommandIdReused.code, `a command with the id ${commandId} and other content was handled before`, { details: { commandId } });
  }
}

/** Enough for any number of processes that race on one account: each lost race means that another command was carried out. */
const MAX_ATTEMPTS = 50;

/** Registers the handlers of the bank's commands. */
export function handleCommands(commands: CommandBus, bank: ConnectedContext): void {
  const desk = new Desk(bank);
  commands.handle(OpenAccount, (command) => desk.carryOut(command, (account) => account.open(command.owner, command.coOwner)));
  commands.handle(Deposit, (command) => desk.carryOut(command, (account) => account.deposit(command.amountCents)));
  commands.handle(Withdraw, (command) => desk.carryOut(command, (account) => account.withdraw(command.amountCents)));
  commands.handle(CloseAccount, (command) => desk.carryOut(command, (account) => account.close()));
  commands.handle(OpenPot, (command) => desk.carryOut(command, (account) => account.openPot(command.potId, command.name)));
  commands.handle(SetAside, (command) => desk.carryOut(command, (account) => account.setAside(command.potId, command.amountCents)));
  commands.handle(TakeBack, (command) => desk.carryOut(command, (account) => account.takeBack(command.potId, command.amountCents)));
  commands.handle(ClosePot, (command) => desk.carryOut(command, (account) => account.closePot(command.potId)));
}

/** Carries out each command once, and notes its outcome in the same write. */
class Desk {
  readonly #bank: ConnectedContext;
  readonly #accounts: CorrelatedRepository<Account>;
  readonly #receipts: CorrelatedRepository<Receipt>;
  readonly #earlier: Repository<Receipt>;

  constructor(bank: ConnectedContext) {
    this.#bank = bank;
    this.#accounts = bank.correlatedRepository(Account);
    this.#receipts = bank.correlatedRepository(Receipt);
    this.#earlier = bank.repository(Receipt);
  }

  async carryOut(command: BankCommand, act: (account: Account) => void): Promise<Outcome> {
    const fingerprint = fingerprintOf(command);
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = (await this.#recognise(command, fingerprint)) ?? (await this.#decide(command, fingerprint, act));
        if (outcome !== undefined) return outcome;
      } catch (error) {
        if (!isLostRace(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** The outcome of the first time. Errors: `command-id-reused`. */
  async #recognise(command: BankCommand, fingerprint: string): Promise<Outcome | undefined> {
    const { id } = metadataOf(command);
    const receipt = await this.#earlier.tryGetById(id);
    if (receipt === undefined) return undefined;
    if (receipt.fingerprint !== fingerprint) throw new CommandIdReused(id);
    // It was written with what the command led to, and is the last of it.
    const written = createReader(this.#bank.aggregate(Receipt, id));
    await written.read();
    return this.#outcomeOf(receipt, written.checkpoint.position, true);
  }

  /** `undefined` when another process has written the same meanwhile: what it noted counts. */
  async #decide(command: BankCommand, fingerprint: string, act: (account: Account) => void): Promise<Outcome | undefined> {
    const account = (await this.#accounts.tryGetById(command.accountId, command)) ?? this.#accounts.create(command.accountId, command);
    const receipt = this.#receipts.create(metadataOf(command).id, command);
    const { type } = classOf(command);
    try {
      act(account);
      receipt.accept(type, fingerprint);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      receipt.refuse(type, fingerprint, error);
    }
    const { repeated, position } = await this.#bank.saveAll([account, receipt]);
    return repeated ? undefined : this.#outcomeOf(receipt, position, false);
  }

  async #outcomeOf({ refusal }: Receipt, position: Position | null, recognised: boolean): Promise<Outcome> {
    const status = refusal === undefined ? "accepted" : "refused";
    const hasTokens = this.#bank.store.gaps.transfer === undefined;
    return { status, refusal, recognised, token: hasTokens ? await this.#bank.tokenOf({ position }) : undefined };
  }
}

/** Another process was first, with this command, which it may have decided otherwise, or with another one on this account: look again. */
function isLostRace(error: unknown): boolean {
  return error instanceof WrongExpectedVersion || error instanceof CommandAlreadyApplied || error instanceof EventAlreadyRecorded;
}
