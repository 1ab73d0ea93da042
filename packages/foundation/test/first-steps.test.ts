import { connect, createCommandBus, createInMemoryStore, ReadModelBase } from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Account, AmountDeposited, banking, Deposit, OpenAccount } from "./banking.ts";

// #region read-model
class Balances extends ReadModelBase {
  readonly #balances = new Map<string, number>();

  constructor() {
    super();
    this.on(AmountDeposited, ({ accountId, amount }) => {
      this.#balances.set(accountId, this.of(accountId) + amount);
    });
  }

  of(accountId: string): number {
    return this.#balances.get(accountId) ?? 0;
  }
}
// #endregion

it("a deposit is sent as a command, kept as an event, and read from a model", async () => {
  // #region use
  await using store = createInMemoryStore();
  const bank = connect(banking, store);
  const accounts = bank.correlatedRepository(Account);
  const commands = createCommandBus();

  commands.handle(OpenAccount, async (command) => {
    const account = accounts.create(command.accountId, command);
    account.open(command.owner);
    await accounts.save(account);
  });
  commands.handle(Deposit, async (command) => {
    const account = await accounts.getById(command.accountId, command);
    account.deposit(command.amount);
    await accounts.save(account);
  });

  await using balances = new Balances();
  await balances.start(bank.category(Account));
  await balances.live; // every event of the history has been handled

  await commands.send(new OpenAccount({ accountId: "7", owner: "Ann" }));
  await commands.send(new Deposit({ accountId: "7", amount: 100 }));
  await balances.caughtUp();
  expect(balances.of("7")).toBe(100);
  // #endregion
});
