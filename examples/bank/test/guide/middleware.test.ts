import {
  circuitBreaker,
  Command,
  concurrencyLimit,
  connect,
  createCommandBus,
  createEventBus,
  createInMemoryStore,
  createQueryBus,
  deduplication,
  MessageBuilder,
  onlyFor,
  rateLimit,
  ReactiveDomainError,
  retryOnConflict,
  timeout,
  validation,
  type CommandBase,
  type Middleware,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Account, AmountDeposited, BalanceOf, banking, Deposit, OpenAccount } from "../first-steps/account.ts";

class CloseAccount extends Command("CloseAccount")<{ accountId: string }> {}

it("a step goes on, repeats, refuses, or answers itself", async () => {
  const log: string[] = [];
  // #region step
  const measured: Middleware = async (message, { handler, metadata }, next) => {
    const answer = await next();
    log.push(`${metadata.id} was handled by ${handler.name}`);
    return answer;
  };

  const events = createEventBus({ middleware: [measured] });
  // #endregion
  events.subscribe(AmountDeposited, function tellOwner() {
    return undefined;
  });
  await events.publish(MessageBuilder.create(new AmountDeposited({ accountId: "a", amount: 1 }), { id: "1" }));
  expect(log).toEqual(["1 was handled by tellOwner"]);
});

it("the door", async () => {
  // #region door
  class NotAllowed extends ReactiveDomainError {
    constructor(actor: string | undefined, type: string) {
      super("not-allowed", `${actor ?? "Somebody unknown"} may not ask for ${type}. Ask a manager.`);
    }
  }

  /** Lets commands in whose actor has the right for them. */
  function door(mayDo: (actor: string, type: string) => boolean): Middleware<CommandBase> {
    return function theDoor(_command, { handler, metadata: { actor } }, next) {
      if (actor === undefined || !mayDo(actor, handler.type)) throw new NotAllowed(actor, handler.type);
      return next();
    };
  }

  const commands = createCommandBus({ middleware: [door((actor, type) => actor === "ann" && type === "CloseAccount")] });
  // #endregion
  commands.handle(CloseAccount, () => undefined);
  const close = (actor?: string): Promise<unknown> =>
    commands.send(MessageBuilder.create(new CloseAccount({ accountId: "a" }), actor === undefined ? {} : { actor }));
  await close("ann");
  await expect(close("ben")).rejects.toMatchObject({ code: "not-allowed" });
  await expect(close()).rejects.toThrow("Somebody unknown may not ask for CloseAccount.");
  expect(commands.describe().middleware).toEqual(["theDoor"]);
});

it("a conflict is met by another attempt", async () => {
  await using store = createInMemoryStore();
  const accounts = connect(banking, store).correlatedRepository(Account);
  const opened = accounts.create("a", new OpenAccount({ accountId: "a", owner: "Ann" }));
  opened.open("Ann");
  await accounts.save(opened);
  // #region retry
  const commands = createCommandBus({ middleware: [retryOnConflict({ attempts: 10 })] });
  commands.handle(Deposit, async (command) => {
    const account = await accounts.getById(command.accountId, command); // within the handler: each attempt loads anew
    account.deposit(command.amount);
    await accounts.save(account);
  });
  const deposits = [1, 2, 3].map((amount) => commands.send(new Deposit({ accountId: "a", amount })));
  await Promise.all(deposits); // all three are in the stream, though each expected to be first
  // #endregion
  const stored: number[] = [];
  for await (const { version } of store.read({ stream: "banking.account-a" })) stored.push(version);
  expect(stored).toEqual([0, 1, 2, 3]);
});

it("all steps, in an order that works", async () => {
  const theDoor: Middleware = (_message, _context, next) => next();
  const changes: string[] = [];
  // #region order
  const commands = createCommandBus({
    middleware: [
      theDoor, // nobody gets an answer, not even one that is remembered, who may not ask
      validation(), // here, rather than before all steps
      deduplication({ entries: 10_000, forMs: 300_000 }), // one that comes again takes no token and no place
      rateLimit({ perSecond: 200, whenExceeded: "wait", maxWaitMs: 1_000 }), // counts messages, not attempts
      circuitBreaker({ failures: 5, onChange: ({ handler, to }) => changes.push(`${handler.type} is ${to}`) }), // counts what takes too long, too
      timeout({ ms: 5_000 }), // for all attempts together
      onlyFor([Deposit, CloseAccount], retryOnConflict()),
      concurrencyLimit({ max: 20 }), // whoever waits for another attempt keeps no place
    ],
  });
  // #endregion
  commands.handle(Deposit, () => undefined);
  await commands.send(new Deposit({ accountId: "a", amount: 1 }));
  // #region describe
  const { handlers, middleware } = commands.describe();
  // #endregion
  expect(handlers.map(({ type }) => type)).toEqual(["Deposit"]);
  expect(middleware).toEqual([
    "theDoor",
    "validation",
    "deduplication",
    "rateLimit",
    "circuitBreaker",
    "timeout",
    "onlyFor(Deposit, CloseAccount: retryOnConflict)",
    "concurrencyLimit",
  ]);
  expect(changes).toEqual([]);
});

it("a step for some messages", async () => {
  // #region only
  const queries = createQueryBus({
    middleware: [
      onlyFor(BalanceOf, async ({ accountId }, _context, next) => (accountId === "closed" ? { balance: 0 } : next())), // typed by the class
      onlyFor(BalanceOf, timeout({ ms: 200 })),
    ],
  });
  // #endregion
  queries.handle(BalanceOf, () => ({ balance: 1 }));
  expect(await queries.ask(new BalanceOf({ accountId: "closed" }))).toEqual({ balance: 0 });
  expect(await queries.ask(new BalanceOf({ accountId: "a" }))).toEqual({ balance: 1 });
});
