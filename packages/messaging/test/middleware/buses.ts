import { withRuntime } from "@reactive-domain/core";
import {
  createCommandBus,
  createEventBus,
  createQueryBus,
  EventHandlersFailed,
  type CommandBus,
  type EventBus,
  type MessageContext,
  type Middleware,
  type QueryBus,
} from "@reactive-domain/messaging";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import { AmountDeposited, BalanceOf, OpenAccount } from "../banking.ts";

export type Handle = (name: string, context: MessageContext) => unknown;

/** A bus with one handler, which answers what the sender gets as far as the bus gives an answer. */
export interface AnyBus {
  readonly bus: CommandBus | EventBus | QueryBus;
  deliver(name: string, signal?: AbortSignal): Promise<unknown>;
}

export type CreateBus = (middleware: readonly Middleware[], handle: Handle) => AnyBus;

const ofCommands: CreateBus = (middleware, handle) => {
  const bus = createCommandBus({ middleware, responseTimeoutMs: Number.POSITIVE_INFINITY });
  bus.handle(OpenAccount, ({ owner }, context) => handle(owner, context) as { accountId: string });
  return { bus, deliver: (owner, signal) => bus.send(new OpenAccount({ owner }), { signal }) };
};

const ofQueries: CreateBus = (middleware, handle) => {
  const bus = createQueryBus({ middleware });
  bus.handle(BalanceOf, ({ accountId }, context) => handle(accountId, context) as { balance: number });
  return { bus, deliver: (accountId, signal) => bus.ask(new BalanceOf({ accountId }), { signal }) };
};

const ofEvents: CreateBus = (middleware, handle) => {
  const bus = createEventBus({ middleware });
  bus.subscribe(AmountDeposited, ({ accountId }, context) => handle(accountId, context));
  return { bus, deliver: (accountId, signal) => bus.publish(new AmountDeposited({ accountId, amount: 1 }), { signal }) };
};

/** Every kind of bus, to say the same of each. */
export const allBuses: readonly (readonly [string, CreateBus])[] = [
  ["a command bus", ofCommands],
  ["a query bus", ofQueries],
  ["an event bus", ofEvents],
];

/** What a step threw, which an event bus tells among the failures of its handlers. */
export function stepErrorOf(error: unknown): unknown {
  return error instanceof EventHandlersFailed ? error.cause : error;
}

/** Runs a case in time that the case moves. */
export async function inTestTime(work: (test: TestRuntime) => Promise<void>): Promise<void> {
  const test = createTestRuntime();
  await withRuntime(test.runtime, () => work(test));
}

/** What became of a promise so far: `pending`, `resolved`, or an error's code or message. */
export class Fate {
  is: unknown = "pending";

  constructor(promise: Promise<unknown>) {
    promise.then(
      () => (this.is = "resolved"),
      (error: unknown) => {
        const { code, message } = stepErrorOf(error) as { readonly code?: string; readonly message: string };
        this.is = code ?? message;
      },
    );
  }
}
