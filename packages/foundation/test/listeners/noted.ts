import { classOf, EventBase, type EventContext, type EventFeed, type ReadModelHandler, type Repository } from "@reactive-domain/foundation";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import { Account, accountWith, AmountDeposited, openBank, type Bank } from "../banking.ts";

/** What takes handlers: a reader, or a listener. */
interface TakesHandlers {
  on(eventClass: typeof EventBase, handler: ReadModelHandler<EventBase>): void;
}

/** Writes down what is handled, like `AmountDeposited 3`, after a test's handler has had it. */
export function noted(of: TakesHandlers, handler: ReadModelHandler<EventBase> = () => undefined): string[] {
  const entries: string[] = [];
  of.on(EventBase, async (event: EventBase, context: EventContext) => {
    await handler(event, context);
    entries.push(`${classOf(event).type} ${context.version}`);
  });
  return entries;
}

/** The entries of so many deposits, from a version to a version. */
export function deposits(from: number, to: number): readonly string[] {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, index) => `AmountDeposited ${from + index * step}`);
}

/** An account of so many deposits, saved. */
export async function openWith(events: number, bank: Bank = openBank()): Promise<Bank> {
  if (events > 0) await bank.accounts.save(accountWith("a-1", ...Array.from({ length: events }, () => 1)));
  return bank;
}

/** One more deposit into an account, which may be its first. */
export async function deposit(accounts: Repository<Account>, id: string, amount = 1): Promise<void> {
  const account = (await accounts.tryGetById(id)) ?? new Account(id);
  account.deposit(amount);
  await accounts.save(account);
}

/** The stream of an account. */
export const STREAM = "banking.account-a-1";

/** Every kind of feed that an account's deposits come on. */
export const feedsOf = ({ bank }: Bank): readonly EventFeed[] => [
  bank.stream(STREAM),
  bank.aggregate(Account, "a-1"),
  bank.category(Account),
  bank.eventType(AmountDeposited),
  bank.all(),
];

/** Runs a test whose time moves only when it is to, or when all else is done. */
export function virtually<T>(work: (test: TestRuntime) => Promise<T>): () => Promise<T> {
  return () => {
    const test = createTestRuntime();
    return test.run(() => work(test));
  };
}
