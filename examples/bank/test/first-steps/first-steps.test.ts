import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createCommandBus, createQueryBus } from "@reactive-domain/foundation";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { expect, it } from "vitest";
import { Account, BalanceOf, banking, Deposit, OpenAccount } from "./account.ts";
import { Balances } from "./balances.ts";

it("the example of the README runs as it is shown", async () => {
  const folder = await mkdtemp(join(tmpdir(), "first-steps-"));
  try {
    expect(await firstSteps(join(folder, "bank.db"))).toBe(100);
    expect(await firstSteps(join(folder, "bank.db"), "account-2")).toBe(100);
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function firstSteps(file: string, accountId = "account-1"): Promise<number> {
  // #region application
  await using store = await openSqliteStore(file);
  const bank = connect(banking, store); // stream names, serializer and store in one
  const accounts = bank.correlatedRepository(Account);

  const commands = createCommandBus();
  commands.handle(OpenAccount, async (command) => {
    const account = accounts.create(command.accountId, command); // its events continue the chain of the command
    account.open(command.owner);
    await accounts.save(account);
  });
  commands.handle(Deposit, async (command) => {
    const account = await accounts.getById(command.accountId, command);
    account.deposit(command.amount);
    await accounts.save(account);
  });

  await using balances = new Balances();
  await balances.start(bank.category(Account)); // history first, then new events
  await balances.live; // the history is handled

  const queries = createQueryBus();
  queries.handle(BalanceOf, ({ accountId: id }) => ({ balance: balances.of(id) }));

  await commands.send(new OpenAccount({ accountId, owner: "Ann" }));
  await commands.send(new Deposit({ accountId, amount: 100 }));

  await balances.caughtUp(); // read what you wrote
  const { balance } = await queries.ask(new BalanceOf({ accountId })); // a number, by inference
  // #endregion
  return balance;
}
