import { systemScheduler, withRuntime, type Scheduler } from "@reactive-domain/core";
import { createCommandBus, createEventBus, createQueryBus, Query } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount } from "./banking.ts";
import { rejectionOf } from "./refusal.ts";

class NamesOf extends Query("NamesOf")<{ accountId: string }, AsyncIterable<string>> {}

/** Lets steps go on only when a test gives them their turn. */
class HandGivenTurns implements Scheduler {
  readonly soon = systemScheduler.soon;
  readonly after = systemScheduler.after;
  readonly #waiting: (() => void)[] = [];

  get waiting(): number {
    return this.#waiting.length;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  giveTurn(which: number): void {
    this.#waiting.splice(which, 1)[0]?.();
  }
}

interface Bus {
  /** Hands one message to a bus whose handler tells `told`. */
  deliver(name: string, signal?: AbortSignal): Promise<unknown>;
}

const buses: readonly (readonly [string, (told: (name: string) => void) => Bus])[] = [
  [
    "a command bus",
    (told) => {
      const commands = createCommandBus();
      commands.handle(CloseAccount, ({ accountId }) => told(accountId));
      return { deliver: (accountId, signal) => commands.send(new CloseAccount({ accountId }), signal && { signal }) };
    },
  ],
  [
    "a query bus",
    (told) => {
      const queries = createQueryBus();
      queries.handle(BalanceOf, ({ accountId }) => {
        told(accountId);
        return { balance: 0 };
      });
      return { deliver: (accountId, signal) => queries.ask(new BalanceOf({ accountId }), signal && { signal }) };
    },
  ],
  [
    "a query bus that is asked bit by bit",
    (told) => {
      const queries = createQueryBus();
      queries.handle(NamesOf, ({ accountId }) => {
        told(accountId);
        return ReadableStream.from<string>([]);
      });
      return {
        deliver: (accountId, signal) => {
          const names = queries.stream(new NamesOf({ accountId }), signal && { signal });
          return names[Symbol.asyncIterator]().next();
        },
      };
    },
  ],
  [
    "an event bus",
    (told) => {
      const events = createEventBus();
      events.subscribe(AmountDeposited, ({ accountId }) => told(accountId));
      return { deliver: (accountId, signal) => events.publish(new AmountDeposited({ accountId, amount: 1 }), signal && { signal }) };
    },
  ],
];

describe.each(buses)("%s in a simulation", (_, createBus) => {
  it("waits for its turn before it runs a handler, in the runtime in which it was made", async () => {
    const handled: string[] = [];
    const scheduler = new HandGivenTurns();
    const bus = withRuntime({ scheduler }, () => createBus((name) => handled.push(name)));
    const delivered = bus.deliver("a-1");
    await new Promise<void>((resolve) => systemScheduler.soon(resolve));
    expect(scheduler.waiting).toBe(1);
    expect(handled).toEqual([]);
    scheduler.giveTurn(0);
    await delivered;
    expect(handled).toEqual(["a-1"]);
  });

  it("lets the simulation choose which of two messages is handled first", async () => {
    const handled: string[] = [];
    const scheduler = new HandGivenTurns();
    const bus = withRuntime({ scheduler }, () => createBus((name) => handled.push(name)));
    const [first, second] = [bus.deliver("first"), bus.deliver("second")];
    scheduler.giveTurn(1);
    await second;
    expect(handled).toEqual(["second"]);
    scheduler.giveTurn(0);
    await first;
    expect(handled).toEqual(["second", "first"]);
  });

  it("D15: runs no handler when the message was given up while it waited for its turn", async () => {
    const handled: string[] = [];
    const scheduler = new HandGivenTurns();
    const bus = withRuntime({ scheduler }, () => createBus((name) => handled.push(name)));
    const sender = new AbortController();
    const delivered = bus.deliver("a-1", sender.signal);
    sender.abort();
    scheduler.giveTurn(0);
    expect(await rejectionOf(delivered)).toMatchObject({ code: "message-canceled" });
    expect(handled).toEqual([]);
  });

  it("does not wait in production", async () => {
    const handled: string[] = [];
    const delivered = createBus((name) => handled.push(name)).deliver("a-1");
    expect(handled).toEqual(["a-1"]);
    await delivered;
  });
});
