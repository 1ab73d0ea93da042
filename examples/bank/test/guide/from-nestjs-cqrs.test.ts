import {
  AggregateRoot,
  boundedContext,
  Command,
  CommandFailed,
  connect,
  createCommandBus,
  createEventBus,
  createInMemoryStore,
  createQueryBus,
  Event,
  EventHandlersFailed,
  metadataOf,
  Query,
  ReadModelBase,
  type MessageMetadata,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";

// #region messages
class Deposit extends Command("Deposit")<{ accountId: string; amount: number }, { balance: number }> {}
class ReviewDeposit extends Command("ReviewDeposit")<{ accountId: string; amount: number }> {}
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
// #endregion

// #region aggregate
class Account extends AggregateRoot {
  static readonly type = "Account";
  balance = 0;

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, ({ amount }) => (this.balance += amount));
  }

  deposit(amount: number): void {
    if (amount <= 0) throw new Error("A deposit is more than nothing.");
    this.raise(new AmountDeposited({ accountId: this.id, amount }));
  }
}

const deposits = boundedContext("deposits", { aggregates: [Account], events: [AmountDeposited] });
// #endregion

const LARGE = 10_000;

async function setUp() {
  const bank = connect(deposits, createInMemoryStore());
  const receipts: string[] = [];
  const print = async (accountId: string, amount: number): Promise<void> => void receipts.push(`${amount} to ${accountId}`);
  const reviews: { readonly accountId: string; readonly metadata: MessageMetadata }[] = [];
  // #region handlers
  const commands = createCommandBus();
  const events = createEventBus();
  const queries = createQueryBus();
  const accounts = bank.correlatedRepository(Account);

  commands.handle(Deposit, async (command) => {
    const account = (await accounts.tryGetById(command.accountId, command)) ?? accounts.create(command.accountId, command);
    account.deposit(command.amount);
    const raised = account.pendingEvents;
    await accounts.save(account); // written, or an error
    for (const event of raised) await events.publish(event); // what commit() does, awaited
    return { balance: account.balance };
  });
  events.subscribe(AmountDeposited, ({ accountId, amount }) => print(accountId, amount));
  // #endregion
  // #region saga
  events.subscribe(AmountDeposited, async ({ accountId, amount }) => {
    if (amount >= LARGE) await commands.send(new ReviewDeposit({ accountId, amount })); // belongs to the chain of the deposit
  });
  commands.handle(ReviewDeposit, async ({ accountId }, { metadata }) => void reviews.push({ accountId, metadata }));
  // #endregion
  // #region query
  class Balances extends ReadModelBase {
    readonly #byAccount = new Map<string, number>();

    constructor() {
      super();
      this.on(AmountDeposited, ({ accountId, amount }) => void this.#byAccount.set(accountId, this.of(accountId) + amount));
    }

    of(accountId: string): number {
      return this.#byAccount.get(accountId) ?? 0;
    }
  }

  const balances = new Balances();
  await balances.start(bank.category(Account)); // from the log: its history first, then what is new
  queries.handle(BalanceOf, ({ accountId }) => ({ balance: balances.of(accountId) }));
  // #endregion
  return { commands, events, queries, balances, receipts, reviews };
}

it("a command, an event, a saga and a query do what they did in Nest", async () => {
  const { commands, queries, balances, receipts, reviews } = await setUp();
  const command = new Deposit({ accountId: "a", amount: 10_000 });
  // #region send
  const { balance } = await commands.send(command); // the receipt is printed and the review has been asked for
  // #endregion
  expect(balance).toBe(10_000);
  expect(receipts).toEqual(["10000 to a"]);
  expect(reviews.map(({ accountId }) => accountId)).toEqual(["a"]);
  expect(reviews[0]?.metadata.correlationId).toBe(metadataOf(command).correlationId);
  await balances.caughtUp();
  expect(await queries.ask(new BalanceOf({ accountId: "a" }))).toEqual({ balance: 10_000 });
  expect(await commands.send(new Deposit({ accountId: "a", amount: 1 }))).toEqual({ balance: 10_001 });
  expect(reviews).toHaveLength(1);
  await balances.close();
});

it("the failures of event handlers reach the publisher, after all have run", async () => {
  const { events, balances, receipts } = await setUp();
  events.subscribe(AmountDeposited, async function notify() {
    throw new Error("no network");
  });
  const log: string[] = [];
  // #region failures
  try {
    await events.publish(new AmountDeposited({ accountId: "a", amount: 5 }));
  } catch (error) {
    if (!(error instanceof EventHandlersFailed)) throw error;
    for (const { handler, error: reason } of error.failures) log.push(`${handler}: ${String(reason)}`);
  }
  // #endregion
  expect(log).toEqual(["notify: Error: no network"]);
  expect(receipts).toEqual(["5 to a"]);
  await balances.close();
});

it("what a command handler throws is the cause of what the sender gets", async () => {
  const { commands, balances } = await setUp();
  const refusal = await commands.send(new Deposit({ accountId: "a", amount: 0 })).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CommandFailed);
  expect((refusal as CommandFailed).cause).toMatchObject({ message: "A deposit is more than nothing." });
  await balances.close();
});

it("who needs no answer of the handlers does not wait for them", async () => {
  const { commands, events, balances } = await setUp();
  const log: string[] = [];
  events.subscribe(AmountDeposited, () => Promise.reject(new Error("no network")));
  // #region unawaited
  events.publish(new AmountDeposited({ accountId: "a", amount: 5 })).catch((error: unknown) => log.push(String(error)));
  // #endregion
  await commands.send(new ReviewDeposit({ accountId: "a", amount: 5 }));
  await expect.poll(() => log).toHaveLength(1);
  await balances.close();
});
