// Compiled, never run: which steps fit which bus.
import {
  circuitBreaker,
  Command,
  concurrencyLimit,
  createCommandBus,
  createEventBus,
  createQueryBus,
  deduplication,
  Event,
  EventBase,
  onlyFor,
  Query,
  rateLimit,
  retryOnConflict,
  timeout,
  validation,
  type CommandBase,
  type Middleware,
  type MiddlewareContext,
  type Next,
} from "@reactive-domain/messaging";

class Deposit extends Command("Deposit")<{ accountId: string; amount: number }> {}
class Withdraw extends Command("Withdraw")<{ accountId: string; amount: number; reason: string }, { left: number }> {}
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
class Opened extends Event("Opened")<{ owner: string }> {}

const ofAll: Middleware = (message, context, next) => [message, context.handler.site, next()];
const ofCommands: Middleware<CommandBase> = (_command, _context, next) => next();
const ofDeposit: Middleware<Deposit> = ({ amount }, _context, next) => (amount > 0 ? next() : undefined);

export function lists(): void {
  const steps = [
    validation(),
    retryOnConflict(),
    deduplication(),
    timeout({ ms: 1 }),
    concurrencyLimit({ max: 1 }),
    rateLimit({ perSecond: 1 }),
    circuitBreaker(),
  ];
  createCommandBus({ middleware: [...steps, ofAll, ofCommands] });
  createQueryBus({ middleware: [...steps, ofAll] });
  createEventBus({ middleware: [...steps, ofAll] });
  createCommandBus({ middleware: [(command, { metadata }, next) => (metadata.actor === undefined ? command : next())] });
  // @ts-expect-error a step for one command does not fit the list for all
  createCommandBus({ middleware: [ofDeposit] });
  createCommandBus({ middleware: [onlyFor(Deposit, ofDeposit)] });
  // @ts-expect-error a step for commands does not fit a bus of queries
  createQueryBus({ middleware: [ofCommands] });
  // @ts-expect-error the factory in place of the step
  createEventBus({ middleware: [timeout] });
  // @ts-expect-error the factory in place of the step, also where it takes nothing
  createCommandBus({ middleware: [validation] });
  // @ts-expect-error the factory in place of the step, whose options may be left out
  createQueryBus({ middleware: [deduplication] });
  // @ts-expect-error the factory in place of the step, for some messages
  onlyFor(Deposit, validation);
  // @ts-expect-error a step has no fourth parameter
  createCommandBus({ middleware: [(_command: CommandBase, _context: MiddlewareContext, _next: Next, more: number) => more] });
}

export function classes(): void {
  createCommandBus({
    middleware: [
      onlyFor(Deposit, ({ amount }, _context, next) => (amount.toFixed() === "0" ? undefined : next())),
      onlyFor([Deposit, Withdraw], (command, _context, next) => {
        const amount: number = command.amount;
        // @ts-expect-error only one of both has a reason
        void command.reason;
        if (command instanceof Withdraw) void command.reason;
        return next(amount > 0 ? {} : { signal: AbortSignal.abort() });
      }),
      onlyFor(Deposit, ofCommands),
      onlyFor([Deposit, Withdraw], retryOnConflict(), { includeDerived: false }),
    ],
  });
  createQueryBus({ middleware: [onlyFor(BalanceOf, (query, _context, next) => [query.accountId, next()])] });
  createEventBus({ middleware: [onlyFor(EventBase, (_event, _context, next) => next()), onlyFor(Opened, ({ owner }) => owner)] });
  // @ts-expect-error a step for another command
  onlyFor(Withdraw, ofDeposit);
  // @ts-expect-error a step that fits only one of both
  onlyFor([Deposit, Withdraw], ofDeposit);
  // @ts-expect-error a deposit has no such field
  onlyFor(Deposit, ({ reason }) => reason);
  // @ts-expect-error what is no message class
  onlyFor(Date, ofAll);
}

export async function answers(): Promise<void> {
  const commands = createCommandBus({ middleware: [timeout({ ms: 1 }), onlyFor(Withdraw, retryOnConflict())] });
  commands.handle(Withdraw, ({ amount }) => ({ left: amount }));
  const { left } = await commands.send(new Withdraw({ accountId: "a", amount: 1, reason: "rent" }));
  const sum: number = left;
  void sum;
}
