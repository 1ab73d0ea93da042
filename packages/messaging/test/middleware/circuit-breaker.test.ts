import { once } from "node:events";
import { ReactiveDomainError, sleep } from "@reactive-domain/core";
import {
  CircuitOpen,
  circuitBreaker,
  CommandFailed,
  ConcurrencyLimited,
  createCommandBus,
  createEventBus,
  createQueryBus,
  EventHandlersFailed,
  InvalidMessage,
  MessageCanceled,
  QueueFull,
  RateLimited,
  TimedOut,
  type CircuitBreakerOptions,
  type CircuitChange,
} from "@reactive-domain/messaging";
import type { TestRuntime } from "@reactive-domain/testing";
import { describe, expect, it, vi } from "vitest";
import { AmountDeposited, BalanceOf, CloseAccount } from "../banking.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { allBuses, inTestTime, stepErrorOf } from "./buses.ts";

class AppError extends ReactiveDomainError {
  constructor(code: string, options: { readonly retryable?: boolean; readonly cause?: unknown } = {}) {
    super(code, "told by a test", options);
  }
}

const down = new Error("down");

describe.each(allBuses)("circuitBreaker on %s", (_, createBus) => {
  it("leaves a handler alone after so many failures in a row, and tries it again after a while", () =>
    inTestTime(async (test) => {
      let handled = 0;
      let isDown = true;
      const { bus, deliver } = createBus([circuitBreaker({ failures: 3, resetAfterMs: 1_000 })], () => {
        handled++;
        if (isDown) throw down;
      });
      const send = (): Promise<unknown> =>
        test.run(() =>
          deliver("a").then(
            () => "done",
            (error: unknown) => (stepErrorOf(error) instanceof CircuitOpen ? "refused" : "failed"),
          ),
        );
      expect([await send(), await send(), await send(), await send()]).toEqual(["failed", "failed", "failed", "refused"]);
      await test.clock.advanceBy(999);
      expect([await send(), handled]).toEqual(["refused", 3]);
      await test.clock.advanceBy(1);
      expect([await send(), await send(), handled]).toEqual(["failed", "refused", 4]);
      await test.clock.advanceBy(1_000);
      isDown = false;
      expect([await send(), await send(), handled]).toEqual(["done", "done", 6]);
      isDown = true;
      expect([await send(), await send(), await send(), await send()]).toEqual(["failed", "failed", "failed", "refused"]);
      expect(bus.describe().middleware).toEqual(["circuitBreaker"]);
    }));
});

/** A bus of queries whose answers a test brings about one by one. */
function createDesk(options: CircuitBreakerOptions) {
  const open: { readonly answer: () => void; readonly fail: (error: unknown) => void }[] = [];
  const changes: string[] = [];
  const onChange = ({ from, to }: CircuitChange): unknown => changes.push(`${from} -> ${to}`);
  const queries = createQueryBus({ middleware: [circuitBreaker({ onChange, ...options })] });
  queries.handle(
    BalanceOf,
    () =>
      new Promise((resolve, reject) => void open.push({ answer: () => resolve({ balance: 1 }), fail: reject as (error: unknown) => void })),
  );
  const ask = (): Promise<string> =>
    queries.ask(new BalanceOf({ accountId: "a" })).then(
      () => "answered",
      (error: unknown) => (error instanceof CircuitOpen ? `refused for ${error.details["retryAfterMs"] as number}` : "failed"),
    );
  return { ask, changes, open };
}

/** A desk whose first message has failed, and whose next one is refused. */
async function openCircuit(test: TestRuntime): Promise<ReturnType<typeof createDesk>> {
  const desk = createDesk({ failures: 1, resetAfterMs: 100 });
  const first = desk.ask();
  await test.settle();
  desk.open[0]?.fail(down);
  await first;
  return desk;
}

describe("circuitBreaker", () => {
  it("counts failures in a row: a success in between begins anew", () =>
    inTestTime(async (test) => {
      const { ask, changes, open } = createDesk({ failures: 2 });
      for (const failure of [down, undefined, down, undefined, down]) {
        const asked = ask();
        await test.settle();
        if (failure === undefined) open.pop()?.answer();
        else open.pop()?.fail(failure);
        await asked;
      }
      expect(changes).toEqual([]);
    }));

  it("lets one message through as a trial, and no other meanwhile", () =>
    inTestTime(async (test) => {
      const { ask, changes, open } = createDesk({ failures: 1, resetAfterMs: 100 });
      const first = ask();
      await test.settle();
      open.pop()?.fail(down);
      expect(await first).toBe("failed");
      await test.clock.advanceBy(100);
      const trial = ask();
      await test.settle();
      await test.clock.advanceBy(40);
      expect(await ask()).toBe("refused for 60");
      expect(open).toHaveLength(1);
      open.pop()?.answer();
      expect(await trial).toBe("answered");
      const others = [ask(), ask()];
      await test.settle();
      expect(open).toHaveLength(2);
      for (const { answer } of open) answer();
      expect(await Promise.all(others)).toEqual(["answered", "answered"]);
      expect(changes).toEqual(["closed -> open", "open -> half-open", "half-open -> closed"]);
    }));

  it("lets another trial take the place of one that does not end, whose outcome then counts no more", () =>
    inTestTime(async (test) => {
      const { ask, changes, open } = await openCircuit(test);
      await test.clock.advanceBy(100);
      const hung = ask();
      await test.clock.advanceBy(100);
      const second = ask();
      await test.settle();
      expect(open).toHaveLength(3);
      open[1]?.answer();
      expect(await hung).toBe("answered");
      expect(await ask()).toBe("refused for 100");
      open[2]?.answer();
      expect(await second).toBe("answered");
      expect(changes).toEqual(["closed -> open", "open -> half-open", "half-open -> closed"]);
    }));

  it("passes over what was begun before it opened, however that ends", () =>
    inTestTime(async (test) => {
      const { ask, changes, open } = createDesk({ failures: 1, resetAfterMs: 100 });
      const asked = [ask(), ask(), ask()];
      await test.settle();
      open[0]?.fail(down);
      await test.settle();
      open[1]?.answer();
      await test.settle();
      expect(await ask()).toBe("refused for 100");
      await test.clock.advanceBy(100);
      const trial = ask();
      await test.settle();
      open[2]?.fail(down);
      open[3]?.answer();
      expect(await trial).toBe("answered");
      await Promise.all(asked);
      expect(changes).toEqual(["closed -> open", "open -> half-open", "half-open -> closed"]);
    }));

  it("takes the next message for the trial when the last one ended with an error that is no failure", () =>
    inTestTime(async (test) => {
      const { ask, changes, open } = await openCircuit(test);
      await test.clock.advanceBy(100);
      const trial = ask();
      await test.settle();
      open[1]?.fail(new AppError("no-funds"));
      expect(await trial).toBe("failed");
      expect(changes).toEqual(["closed -> open", "open -> half-open"]);
      const next = ask();
      await test.settle();
      open[2]?.answer();
      expect(await next).toBe("answered");
      expect(changes.at(-1)).toBe("half-open -> closed");
    }));

  it("is for each handler by itself", () =>
    inTestTime(async (test) => {
      const log: string[] = [];
      const events = createEventBus({ middleware: [circuitBreaker({ failures: 1 })] });
      events.subscribe(AmountDeposited, function weak() {
        log.push("weak");
        throw down;
      });
      events.subscribe(AmountDeposited, function strong() {
        log.push("strong");
      });
      const publish = (): Promise<unknown> =>
        test.run(() => rejectionOf(events.publish(new AmountDeposited({ accountId: "a", amount: 1 }))));
      await publish();
      expect(await publish()).toMatchObject({
        failures: [
          { handler: "weak", error: { code: "circuit-open", retryable: true, details: { handler: "weak", retryAfterMs: 30_000 } } },
        ],
      });
      expect(log).toEqual(["weak", "strong", "strong"]);
    }));

  it("tells what changed, of which handler, and the failure that led to it", () =>
    inTestTime(async (test) => {
      const changes: CircuitChange[] = [];
      const queries = createQueryBus({ middleware: [circuitBreaker({ failures: 1, onChange: (change) => changes.push(change) })] });
      queries.handle(BalanceOf, () => Promise.reject(down));
      await test.run(() => rejectionOf(queries.ask(new BalanceOf({ accountId: "a" }))));
      expect(changes).toEqual([{ handler: queries.describe().handlers[0], from: "closed", to: "open", error: down }]);
    }));

  it.each([
    [
      "throws",
      () => {
        throw new Error("observer");
      },
    ],
    ["rejects", () => Promise.reject(new Error("observer"))],
  ])("does its work also where who hears of changes %s, and warns", (_how, onChange) =>
    inTestTime(async (test) => {
      const warned = once(process, "warning");
      const queries = createQueryBus({ middleware: [circuitBreaker({ failures: 1, onChange })] });
      queries.handle(BalanceOf, () => Promise.reject(down));
      const ask = (): Promise<unknown> => test.run(() => rejectionOf(queries.ask(new BalanceOf({ accountId: "a" }))));
      expect(await ask()).toBe(down);
      expect(await ask()).toBeInstanceOf(CircuitOpen);
      expect(await warned).toEqual([new Error("observer")]);
    }),
  );

  it("refuses options that make no sense", () => {
    const wrong: readonly (readonly [string, object])[] = [
      ["failures", { failures: 0 }],
      ["resetAfterMs", { resetAfterMs: 0 }],
      ["resetAfterMs", { resetAfterMs: Number.POSITIVE_INFINITY }],
      ["countIf", { countIf: 1 }],
      ["onChange", { onChange: "log" }],
    ];
    for (const [name, options] of wrong)
      expect(refusalOf(() => circuitBreaker(options))).toMatchObject({ details: { argument: `${name} of circuitBreaker` } });
  });
});

describe("what circuitBreaker takes for a failure", () => {
  const opensAfter = async (error: unknown, options: CircuitBreakerOptions = {}): Promise<boolean> => {
    let isOpen = false;
    await inTestTime(async (test) => {
      const commands = createCommandBus({ middleware: [circuitBreaker({ failures: 1, ...options })] });
      commands.handle(CloseAccount, async () => {
        await sleep(1);
        throw error;
      });
      const send = (): Promise<unknown> => test.run(() => rejectionOf(commands.send(new CloseAccount({ accountId: "a" }))));
      await send();
      isOpen = (await send()) instanceof CircuitOpen;
    });
    return isOpen;
  };
  const conflict = new AppError("wrong-expected-version", { retryable: true });

  it.each([
    ["any error", down, true],
    ["what is no error", "down", true],
    ["timed-out", new TimedOut("A", 1), true],
    ["store-unavailable, also where it will not pass by itself", new AppError("store-unavailable"), true],
    ["an error that is retryable", new AppError("busy", { retryable: true }), true],
    ["another circuit that is open", new CircuitOpen("A", "h", 1), true],
    ["an error of a command that the handler sent", new CommandFailed("A", "1", new CommandFailed("B", "2", down)), true],
    ["an error of an event that it published", new EventHandlersFailed("E", [{ handler: "h", error: down }]), true],
    ["not a refusal of the application", new AppError("no-funds"), false],
    ["not that of a command that the handler sent", new CommandFailed("A", "1", new AppError("no-funds")), false],
    ["not a conflict", conflict, false],
    ["not a conflict further down", new AppError("transfer-failed", { retryable: true, cause: conflict }), false],
    ["not invalid-message", new InvalidMessage("A", []), false],
    ["not message-canceled", new MessageCanceled("A", "enough"), false],
    ["not rate-limited", new RateLimited("A", 1, 1), false],
    ["not concurrency-limited", new ConcurrencyLimited("A", 1, 0), false],
    ["not queue-full", new QueueFull("q", 1, false), false],
  ])("%s", async (_, error, isFailure) => {
    expect(await opensAfter(error)).toBe(isFailure);
  });

  it.each<readonly [string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("the question is too hard");
      },
    ],
    ["answers later", async () => true],
  ])("is nothing where countIf %s, of which a warning tells", async (_, countIf) => {
    const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    expect(await opensAfter(down, { countIf: countIf as () => boolean })).toBe(false);
    expect(warning).toHaveBeenCalled();
    warning.mockRestore();
  });

  it("is what countIf says, where it is given", async () => {
    const countIf = (error: unknown): boolean => error === conflict;
    expect(await opensAfter(conflict, { countIf })).toBe(true);
    expect(await opensAfter(down, { countIf })).toBe(false);
  });
});
