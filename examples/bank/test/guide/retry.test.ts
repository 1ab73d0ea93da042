import {
  CommandAlreadyApplied,
  connect,
  createCommandBus,
  createInMemoryStore,
  MessageBuilder,
  type CorrelatedRepository,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Account, banking, Deposit, OpenAccount } from "../first-steps/account.ts";

async function openAccount(accounts: CorrelatedRepository<Account>): Promise<void> {
  const account = accounts.create("a", new OpenAccount({ accountId: "a", owner: "Ann" }));
  account.open("Ann");
  await accounts.save(account);
}

it("a command that comes again is answered as for success, and written once", async () => {
  await using store = createInMemoryStore();
  const accounts = connect(banking, store).correlatedRepository(Account);
  const commands = createCommandBus();
  await openAccount(accounts);
  const id = "019b76da-a800-7000-8000-000000000001";
  // #region answer
  commands.handle(Deposit, async (command) => {
    try {
      const account = await accounts.getById(command.accountId, command);
      account.deposit(command.amount);
      await accounts.save(account);
    } catch (error) {
      if (!(error instanceof CommandAlreadyApplied)) throw error; // otherwise it is done: answer as for success
    }
  });
  // #endregion
  // #region send
  const send = () => commands.send(MessageBuilder.create(new Deposit({ accountId: "a", amount: 100 }), { id }));
  await send();
  await send(); // the same id: the same command
  // #endregion
  const stored: string[] = [];
  for await (const { type } of store.read({ stream: "banking.account-a" })) stored.push(type);
  expect(stored).toEqual(["AccountOpened", "AmountDeposited"]);
});

it("a command that comes again fails where its handler says nothing of it, and a repeated create and save do not", async () => {
  await using store = createInMemoryStore();
  const accounts = connect(banking, store).correlatedRepository(Account);
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
  const open = new OpenAccount({ accountId: "a", owner: "Ann" });
  const deposit = new Deposit({ accountId: "a", amount: 100 });
  await commands.send(open);
  await commands.send(deposit);
  await commands.send(open);
  await expect(commands.send(deposit)).rejects.toMatchObject({
    code: "command-failed",
    details: { causeCode: "command-already-applied" },
    cause: expect.any(CommandAlreadyApplied),
  });
});
