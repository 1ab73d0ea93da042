import {
  after,
  answerFrom,
  createQueryBus,
  InvalidArgument,
  mergeTokens,
  position,
  Query,
  readAfter,
  ReadModelBase,
  sleep,
  type QueryBus,
} from "@reactive-domain/foundation";
import { copyStore } from "@reactive-domain/persistence";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, accountWith, AmountDeposited, openBank, type Bank } from "../banking.ts";

class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}
class Totals extends Query("Totals")<{ accountId: string }, readonly number[]> {}

/** Takes its time in the middle of each update. */
class Balances extends ReadModelBase {
  readonly #balances = new Map<string, number>();
  readonly #updates = new Map<string, number>();
  delayMs: number;

  constructor(delayMs = 0) {
    super();
    this.delayMs = delayMs;
    this.on(AmountDeposited, async ({ accountId, amount }) => {
      this.#balances.set(accountId, this.of(accountId) + amount);
      if (this.delayMs > 0) await sleep(this.delayMs);
      this.#updates.set(accountId, this.updates(accountId) + 1);
    });
  }

  of(accountId: string): number {
    return this.#balances.get(accountId) ?? 0;
  }

  /** As many as were handled to the end. */
  updates(accountId: string): number {
    return this.#updates.get(accountId) ?? 0;
  }
}

interface World extends Bank {
  readonly balances: Balances;
  readonly queries: QueryBus;
}

async function openWorld({ delayMs = 0, timeoutMs = 1_000, bank = openBank() } = {}): Promise<World> {
  const balances = new Balances(delayMs);
  await balances.start(bank.bank.category(Account));
  await balances.live;
  const queries = createQueryBus();
  queries.handle(
    BalanceOf,
    answerFrom(balances, ({ accountId }) => ({ balance: balances.of(accountId) }), { timeoutMs }),
  );
  return { ...bank, balances, queries };
}

function ask(queries: QueryBus, token?: string, signal?: AbortSignal): Promise<{ balance: number }> {
  const query = new BalanceOf({ accountId: "a-1" });
  return queries.ask(token === undefined ? query : readAfter.write(query, token), { signal });
}

/** How long something took on virtual time, and what it came to. */
async function timed<T>(test: TestRuntime, work: () => Promise<T>): Promise<{ readonly tookMs: number; readonly outcome: unknown }> {
  const startMs = test.clock.now();
  const outcome: unknown = await work().catch((error: unknown) => error);
  return { tookMs: test.clock.now() - startMs, outcome };
}

describe.each(everyStore)("a query that demands what was written to $name", ({ open }) => {
  it("is answered with it, however often, and one that demands nothing at once", async () => {
    const { bank, accounts, queries, balances } = await openWorld({ timeoutMs: 20_000, bank: openBank(await open()) });
    for (let sum = 1; sum <= 20; sum++) {
      const saved = sum === 1 ? await accounts.save(accountWith("a-1", 1)) : await accounts.update("a-1", (account) => account.deposit(1));
      expect(await ask(queries, await bank.tokenOf(saved))).toEqual({ balance: sum });
    }
    expect(await ask(queries, await bank.tokenOf({ position: null }))).toEqual({ balance: 20 });
    expect(await ask(queries)).toEqual({ balance: 20 });
    await balances.close();
  });

  it("is answered by a model that reads nothing of what was written, too", async () => {
    const { bank, accounts, store } = openBank(await open());
    await using balances = new Balances();
    await balances.start(bank.aggregate(Account, "a-1"));
    await balances.start(bank.eventType(AccountOpened));
    await balances.live;
    const queries = createQueryBus();
    queries.handle(
      BalanceOf,
      answerFrom(balances, ({ accountId }) => ({ balance: balances.of(accountId) }), { timeoutMs: 20_000 }),
    );
    for (let count = 0; count < 5; count++) {
      const saved = await accounts.save(accountWith(`b-${count}`, 1));
      expect(await ask(queries, await bank.tokenOf(saved))).toEqual({ balance: 0 });
    }
    expect(await store.transfer.status()).toMatchObject({ head: 4 });
  });

  it("is refused at once with the token of another log, or of a place that the log has not", async () => {
    const { bank, accounts, queries, store, balances } = await openWorld({ bank: openBank(await open()) });
    const saved = await accounts.save(accountWith("a-1", 1));
    const elsewhere = openBank();
    const foreign = await elsewhere.bank.tokenOf(await elsewhere.accounts.save(accountWith("a-1", 1)));
    const { log } = await store.transfer.status();
    await expect(ask(queries, foreign)).rejects.toMatchObject({
      code: "foreign-token",
      retryable: false,
      details: { models: ["Balances"], logs: [log] },
    });
    const ahead = await bank.tokenOf({ position: position((saved.position ?? 0) + 1) });
    await expect(ask(queries, ahead)).rejects.toMatchObject({ code: "ahead-of-log", details: { position: 1, head: 0 } });
    await balances.close();
  });
});

describe("waiting for what a query demands", () => {
  it("ends when it is handled, and leaves no timer behind", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { bank, accounts, queries } = await openWorld({ delayMs: 300 });
      const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1, 2, 3)));
      expect(await timed(test, () => ask(queries, token))).toEqual({ tookMs: 900, outcome: { balance: 6 } });
      expect(test.pendingTimers).toBe(0);
    });
  });

  it("ends with not-caught-up after the time, which names the model, the feed and how far it is", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { bank, accounts, queries } = await openWorld({ delayMs: 600 });
      const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1, 2)));
      const { tookMs, outcome } = await timed(test, () => ask(queries, token));
      expect(tookMs).toBe(1_000);
      expect(outcome).toMatchObject({
        code: "not-caught-up",
        retryable: true,
        details: { owner: "Balances", feed: "category Account of banking", wanted: 1, reached: 0, timeoutMs: 1_000 },
      });
    });
  });

  it("counts the wait for the model to make way, too: all of it ends after the time", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { bank, accounts, queries } = await openWorld({ delayMs: 700 });
      const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1)));
      await accounts.save(accountWith("a-2", 1));
      const { tookMs, outcome } = await timed(test, () => ask(queries, token));
      expect(tookMs).toBe(1_000);
      expect(outcome).toMatchObject({ code: "read-model-busy", details: { timeoutMs: 300 } });
    });
  });

  it("ends with the reason of the query's signal", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { bank, accounts, queries } = await openWorld({ delayMs: 600 });
      const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1)));
      const leaving = new AbortController();
      const asked = ask(queries, token, leaving.signal).catch((error: unknown) => error);
      await sleep(10);
      const reason = new Error("gone");
      leaving.abort(reason);
      expect(await asked).toBe(reason);
    });
  });

  it("ends with what has stopped the feed", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { bank, accounts, queries, balances } = await openWorld({ delayMs: 500 });
      const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1)));
      const asked = ask(queries, token).catch((error: unknown) => error);
      await sleep(10);
      await balances.close();
      expect(await asked).toMatchObject({ code: "already-closed" });
    });
  });

  it("does not begin with rubbish", async () => {
    const { queries } = await openWorld();
    await expect(ask(queries, "rubbish")).rejects.toMatchObject({ code: "invalid-token" });
    await expect(ask(queries, 7 as never)).rejects.toMatchObject({ code: "invalid-token" });
  });

  it("does not begin before the model is started, and says so, as the token is good; nor is any other query answered", async () => {
    const { bank, accounts } = openBank();
    const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1)));
    const balances = new Balances();
    const queries = createQueryBus();
    queries.handle(
      BalanceOf,
      answerFrom(balances, ({ accountId }) => ({ balance: balances.of(accountId) })),
    );
    await expect(ask(queries, token)).rejects.toMatchObject({ code: "not-started", details: { owner: "Balances" } });
    await expect(ask(queries)).rejects.toMatchObject({ code: "not-started", details: { owner: "Balances" } });
  });

  it("is over at once for a model that began behind the place", async () => {
    const { bank, accounts } = openBank();
    const saved = await accounts.save(accountWith("a-1", 1));
    const balances = new Balances();
    await balances.start(bank.category(Account), { from: after(position(0)) });
    const queries = createQueryBus();
    queries.handle(
      BalanceOf,
      answerFrom(balances, ({ accountId }) => ({ balance: balances.of(accountId) })),
    );
    expect(await ask(queries, await bank.tokenOf(saved))).toEqual({ balance: 0 });
  });

  it("knows the log of a store that was empty, and became a copy of another since", async () => {
    const source = openBank();
    const token = await source.bank.tokenOf(await source.accounts.save(accountWith("a-1", 5)));
    const copied = await openWorld();
    await expect(ask(copied.queries, token)).rejects.toMatchObject({ code: "foreign-token" });
    await copyStore(source.store, copied.store);
    expect(await ask(copied.queries, token)).toEqual({ balance: 5 });
  });
});

describe("a token of several logs", () => {
  it("is held against those that the model reads; others are passed over", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const here = await openWorld({ delayMs: 100 });
      const there = openBank();
      for (let count = 0; count < 5; count++) await there.accounts.save(accountWith(`b-${count}`, 1));
      const mine = await here.bank.tokenOf(await here.accounts.save(accountWith("a-1", 7)));
      const other = await there.bank.tokenOf(await there.accounts.save(accountWith("a-1", 1)));
      expect(await ask(here.queries, mergeTokens(mine, other))).toEqual({ balance: 7 });
    });
  });

  it("is waited for in each log that a model reads, each up to its own place", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const [one, two] = [await openWorld({ delayMs: 100 }), openBank()];
      await one.balances.start(two.bank.category(Account));
      const token = mergeTokens(
        await one.bank.tokenOf(await one.accounts.save(accountWith("a-1", 1, 1, 1))),
        await two.bank.tokenOf(await two.accounts.save(accountWith("a-1", 10))),
      );
      expect(await ask(one.queries, token)).toEqual({ balance: 13 });
    });
  });
});

describe("answering from read models", () => {
  it("never shows half an update", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { accounts, balances } = await openWorld({ delayMs: 50 });
      const queries = createQueryBus();
      queries.handle(
        Totals,
        answerFrom(balances, ({ accountId }) => [balances.of(accountId), balances.updates(accountId)]),
      );
      await accounts.save(accountWith("a-1", ...Array.from({ length: 20 }, () => 1)));
      const seen = new Set<number>();
      for (let count = 0; count < 40; count++) {
        await sleep(20);
        const [balance, updates] = await queries.ask(new Totals({ accountId: "a-1" }));
        expect(balance).toBe(updates);
        seen.add(balance ?? -1);
      }
      expect(seen.size).toBeGreaterThan(10);
    });
  });

  it("holds several models at once: none changes while the handler looks, also one that takes its time", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const world = await openWorld({ delayMs: 7 });
      const others = new Balances(11);
      await others.start(world.bank.category(Account));
      const queries = createQueryBus();
      const look = (accountId: string): readonly number[] => [
        world.balances.of(accountId),
        world.balances.updates(accountId),
        others.of(accountId),
        others.updates(accountId),
      ];
      queries.handle(
        Totals,
        answerFrom([world.balances, others], async ({ accountId }) => {
          const before = look(accountId);
          await sleep(30);
          return [...before, ...look(accountId)];
        }),
      );
      const token = await world.bank.tokenOf(await world.accounts.save(accountWith("a-1", ...Array.from({ length: 30 }, () => 1))));
      for (let count = 0; count < 10; count++) {
        const [one, updatesOfOne, two, updatesOfTwo, ...later] = await queries.ask(new Totals({ accountId: "a-1" }));
        expect([updatesOfOne, updatesOfTwo]).toEqual([one, two]);
        expect(later).toEqual([one, one, two, two]);
      }
      expect(await queries.ask(readAfter.write(new Totals({ accountId: "a-1" }), token))).toEqual([30, 30, 30, 30, 30, 30, 30, 30]);
    });
  });

  it("ends in no deadlock when some hold the same models in another order", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { balances, accounts, bank } = await openWorld({ delayMs: 3 });
      const others = new Balances(5);
      await others.start(bank.category(Account));
      const there = createQueryBus();
      const back = createQueryBus();
      const look = async ({ accountId }: Totals): Promise<readonly number[]> => {
        await sleep(1);
        return [balances.of(accountId), others.of(accountId)];
      };
      there.handle(Totals, answerFrom([balances, others, balances], look));
      back.handle(Totals, answerFrom([others, balances], look));
      const token = await bank.tokenOf(await accounts.save(accountWith("a-1", 1, 1, 1, 1, 1)));
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? there : back).ask(readAfter.write(new Totals({ accountId: "a-1" }), token)),
      );
      expect(new Set((await Promise.all(asked)).map(String))).toEqual(new Set(["5,5"]));
    });
  });

  it("lets the models go on when the handler throws", async () => {
    const { accounts, bank, balances, queries } = await openWorld();
    const others = createQueryBus();
    others.handle(
      BalanceOf,
      answerFrom(balances, () => {
        throw new Error("no answer");
      }),
    );
    await expect(ask(others)).rejects.toThrow("no answer");
    const saved = await accounts.save(accountWith("a-1", 1));
    expect(await ask(queries, await bank.tokenOf(saved))).toEqual({ balance: 1 });
  });

  it("gives up a model that is busy for too long", async () => {
    const test = createTestRuntime();
    await test.run(async () => {
      const { accounts, queries } = await openWorld({ delayMs: 5_000 });
      await accounts.save(accountWith("a-1", 1));
      await sleep(10);
      expect(await timed(test, () => ask(queries))).toMatchObject({ tookMs: 1_000, outcome: { code: "read-model-busy" } });
    });
  });

  it("refuses an answer that comes bit by bit, which would come from between other events", async () => {
    class Lines extends Query("Lines")<object, AsyncIterable<number>> {}
    const { balances } = await openWorld();
    const queries = createQueryBus();
    queries.handle(
      Lines,
      answerFrom(balances, async function* () {
        yield balances.of("a-1");
      }),
    );
    await expect(queries.stream(new Lines({}))[Symbol.asyncIterator]().next()).rejects.toThrow(InvalidArgument);
  });

  it("is shown by a bus under the name of its handler", async () => {
    const balances = new Balances();
    const queries = createQueryBus();
    queries.handle(
      BalanceOf,
      answerFrom(balances, function balanceOf({ accountId }) {
        return { balance: balances.of(accountId) };
      }),
    );
    expect(queries.describe().handlers).toMatchObject([{ type: "BalanceOf", name: "balanceOf" }]);
  });

  it("refuses what is no model, no handler and no time", () => {
    const look = (): { balance: number } => ({ balance: 0 });
    for (const models of [undefined, null, {}, [], [undefined], [new Balances(), {}]])
      expect(() => answerFrom<BalanceOf>(models as never, look)).toThrow(InvalidArgument);
    expect(() => answerFrom<BalanceOf>(new Balances(), undefined as never)).toThrow(InvalidArgument);
    for (const options of [{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { timeout: 1 }, null])
      expect(() => answerFrom<BalanceOf>(new Balances(), look, options as never)).toThrow(InvalidArgument);
  });
});
