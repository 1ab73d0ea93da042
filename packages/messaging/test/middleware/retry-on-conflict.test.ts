import { ReactiveDomainError, withRuntime, type Chance } from "@reactive-domain/core";
import {
  CommandFailed,
  createCommandBus,
  EventHandlersFailed,
  retryOnConflict,
  type RetryOnConflictOptions,
} from "@reactive-domain/messaging";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CloseAccount } from "../banking.ts";
import { refusalOf, rejectionOf } from "../refusal.ts";
import { allBuses, Fate, inTestTime } from "./buses.ts";

/** What a store says when another writer was first. */
class Conflict extends ReactiveDomainError {
  constructor(options: { readonly retryable?: boolean; readonly code?: string } = {}) {
    super(options.code ?? "wrong-expected-version", "another was first", { retryable: options.retryable ?? true });
  }
}

/** An error of an application, with a cause. */
class TransferFailed extends ReactiveDomainError {
  constructor(cause: unknown) {
    super("transfer-failed", "no transfer", { cause });
  }
}

class Failing {
  attempts = 0;
  readonly #failures: unknown[];

  constructor(failures: readonly unknown[]) {
    this.#failures = [...failures];
  }

  readonly handle = async (): Promise<void> => {
    this.attempts++;
    if (this.#failures.length > 0) throw this.#failures.shift();
  };
}

const nested = (error: unknown, depth: number): unknown => (depth === 0 ? error : new TransferFailed(nested(error, depth - 1)));

describe.each(allBuses)("retryOnConflict on %s", (_, createBus) => {
  it("runs the handler again after a conflict, until it succeeds", () =>
    inTestTime(async (test) => {
      const failing = new Failing([new Conflict(), new Conflict()]);
      const { bus, deliver } = createBus([retryOnConflict()], failing.handle);
      await test.run(() => deliver("a"));
      expect(failing.attempts).toBe(3);
      expect(bus.describe().middleware).toEqual(["retryOnConflict"]);
    }));

  it("throws the last conflict as it is, as the handler's, after as many attempts as it was given", () =>
    inTestTime(async (test) => {
      const conflicts = Array.from({ length: 9 }, () => new Conflict());
      const failing = new Failing(conflicts);
      const { deliver } = createBus([retryOnConflict({ attempts: 3 })], failing.handle);
      const error = (await test.run(() => rejectionOf(deliver("a")))) as Error;
      expect(failing.attempts).toBe(3);
      expect(error.cause ?? error).toBe(conflicts[2]);
    }));

  it("ends a wait with the sender's signal", () =>
    inTestTime(async (test) => {
      const failing = new Failing([new Conflict(), new Conflict()]);
      const sender = new AbortController();
      const { deliver } = createBus([retryOnConflict({ minDelayMs: 1_000, maxDelayMs: 1_000 })], failing.handle);
      const fate = new Fate(deliver("a", sender.signal));
      await test.clock.advanceBy(500);
      expect([fate.is, failing.attempts]).toEqual(["pending", 1]);
      sender.abort();
      await test.settle();
      expect([fate.is, failing.attempts]).toEqual(["message-canceled", 1]);
      expect(test.pendingTimers).toBe(0);
    }));
});

describe("what retryOnConflict takes for a conflict", () => {
  const attemptsFor = (failure: unknown, options?: RetryOnConflictOptions): Promise<number> => {
    let attempts = 0;
    return withTime(async () => {
      const failing = new Failing([failure]);
      const commands = createCommandBus({ middleware: [retryOnConflict(options)] });
      commands.handle(CloseAccount, failing.handle);
      await commands.send(new CloseAccount({ accountId: "a" })).catch(() => undefined);
      attempts = failing.attempts;
    }).then(() => attempts);
  };
  const withTime = (work: () => Promise<void>): Promise<void> => inTestTime((test) => test.run(work));
  const circle = new TransferFailed(undefined);
  circle.cause = circle;

  it.each([
    ["a conflict", new Conflict(), 2],
    ["the cause of another error", new TransferFailed(new Conflict()), 2],
    ["the cause of a command that the handler sent", new CommandFailed("Inner", "1", new Conflict()), 2],
    ["a cause that lies deep", nested(new Conflict(), 15), 2],
    ["a cause that lies too deep", nested(new Conflict(), 16), 1],
    ["a circle of causes", circle, 1],
    ["a conflict that is final", new Conflict({ retryable: false }), 1],
    ["another error that may be repeated", new Conflict({ code: "store-unavailable" }), 1],
    ["what merely looks like a conflict", Object.assign(new Error("no"), { code: "wrong-expected-version", retryable: true }), 1],
    ["the cause of an error that is not the toolkit's", new Error("no", { cause: new Conflict() }), 1],
    ["what another handler of a published event met", new EventHandlersFailed("E", [{ handler: "h", error: new Conflict() }]), 1],
    ["no error at all", undefined, 1],
  ])("%s", async (_, failure, attempts) => {
    expect(await attemptsFor(failure)).toBe(attempts);
  });

  it("is what retryIf says, where it is given", async () => {
    const busy = new Error("busy");
    const retryIf = (error: unknown): boolean => error === busy;
    expect(await attemptsFor(busy, { retryIf })).toBe(2);
    expect(await attemptsFor(new Conflict(), { retryIf })).toBe(1);
  });
});

describe("a retryIf that does not answer", () => {
  const warning = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  afterEach(() => warning.mockClear());
  const asked = new Error("the question is too hard");
  const late = { code: "invalid-argument", details: { argument: "retryIf of retryOnConflict" } };

  it.each<readonly [string, () => unknown, readonly unknown[]]>([
    [
      "but throws",
      () => {
        throw asked;
      },
      [asked],
    ],
    ["at once", async () => true, [late]],
    ["and fails later", () => Promise.reject(asked), [late, asked]],
  ])("%s, leaves the sender the handler's error after one attempt, and is told by warnings", (_, retryIf, warnings) =>
    inTestTime(async (test) => {
      const conflict = new Conflict();
      const failing = new Failing([conflict]);
      const commands = createCommandBus({ middleware: [retryOnConflict({ retryIf: retryIf as () => boolean })] });
      commands.handle(CloseAccount, failing.handle);
      const refusal = await test.run(() => rejectionOf(commands.send(new CloseAccount({ accountId: "a" }))));
      expect(refusal).toMatchObject({ code: "command-failed", cause: conflict });
      expect(failing.attempts).toBe(1);
      expect(warning.mock.calls).toMatchObject(warnings.map((told) => [told]));
    }),
  );
});

describe("the waits of retryOnConflict", () => {
  /** When each attempt began. */
  const timesWith = async (next: () => number, options: RetryOnConflictOptions): Promise<readonly number[]> => {
    const times: number[] = [];
    await inTestTime(async (test) => {
      const chance: Chance = { next };
      const step = withRuntime({ chance }, () => retryOnConflict(options));
      const commands = createCommandBus({ middleware: [step] });
      commands.handle(CloseAccount, () => {
        times.push(test.clock.monotonicMs());
        throw new Conflict();
      });
      await test.run(() => rejectionOf(commands.send(new CloseAccount({ accountId: "a" }))));
    });
    return times;
  };

  it("are at least minDelayMs, and at most twice as long each time up to maxDelayMs", async () => {
    const options = { attempts: 6, minDelayMs: 10, maxDelayMs: 100 };
    expect(await timesWith(() => 0, options)).toEqual([0, 10, 20, 30, 40, 50]);
    expect(await timesWith(() => 1, options)).toEqual([0, 20, 60, 140, 240, 340]);
    expect(await timesWith(() => 0.5, options)).toEqual([0, 15, 40, 85, 140, 195]);
  });

  it("are as long as maxDelayMs after very many attempts", async () => {
    const times = await timesWith(() => 1, { attempts: 1_200, minDelayMs: 1, maxDelayMs: 2 });
    expect(times).toHaveLength(1_200);
    expect(times.at(-1)).toBe(1_199 * 2);
  });
});

it("retryOnConflict refuses options that make no sense", () => {
  const wrong: readonly (readonly [string, object])[] = [
    ["attempts", { attempts: 0 }],
    ["attempts", { attempts: 1.5 }],
    ["minDelayMs", { minDelayMs: 0 }],
    ["minDelayMs", { minDelayMs: Number.NaN }],
    ["maxDelayMs", { maxDelayMs: Number.POSITIVE_INFINITY }],
    ["maxDelayMs", { minDelayMs: 10, maxDelayMs: 9 }],
    ["retryIf", { retryIf: true }],
  ];
  for (const [name, options] of wrong)
    expect(refusalOf(() => retryOnConflict(options))).toMatchObject({
      code: "invalid-argument",
      details: { argument: `${name} of retryOnConflict` },
    });
});
