import { after, position, readModelAsOf, ReadModelBase, withRuntime, type Position } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { createTestRuntime } from "@reactive-domain/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { quiet } from "../gate.ts";
import { Journal } from "./journal.ts";

class Balances extends ReadModelBase {
  readonly balances: Record<string, number> = {};

  constructor() {
    super();
    this.on(AmountDeposited, ({ accountId, amount }) => {
      this.balances[accountId] = (this.balances[accountId] ?? 0) + amount;
    });
  }
}

describe.each(everyStore)("a read model of the past on $name", ({ open }) => {
  it("is folded up to a position, beside the live one, which goes on", async () => {
    await using store = await open();
    const { bank, accounts } = openBank(store);
    const { position: first } = await accounts.save(accountWith("a-1", 1, 2));
    await accounts.save(accountWith("a-2", 10));
    await using live = new Balances();
    await live.start(bank.category(Account));
    await live.live;
    await using past = await readModelAsOf(new Balances(), bank.category(Account), { position: first as Position });
    expect(past.balances).toEqual({ "a-1": 3 });
    expect(live.balances).toEqual({ "a-1": 3, "a-2": 10 });
    await accounts.save(accountWith("a-3", 5));
    await live.caughtUp();
    expect(live.balances).toEqual({ "a-1": 3, "a-2": 10, "a-3": 5 });
    expect(past.balances).toEqual({ "a-1": 3 });
    expect(past.health).toMatchObject([{ status: "ended", handledUpTo: first }]);
  });

  it("is folded up to a time", async () => {
    await using store = await open();
    const { bank, accounts } = openBank(store);
    await accounts.save(accountWith("a-1", 1));
    const between = await timeBehind(store);
    await accounts.save(accountWith("a-2", 2));
    await using past = await readModelAsOf(new Balances(), bank.all(), { time: between });
    expect(past.balances).toEqual({ "a-1": 1 });
    await using now = await readModelAsOf(new Balances(), bank.all(), { time: new Date(between.getTime() + 3_600_000) });
    expect(now.balances).toEqual({ "a-1": 1, "a-2": 2 });
  });
});

/** The time of the last event, when the store's clock has moved on. */
async function timeBehind(store: ReturnType<typeof openBank>["store"]): Promise<Date> {
  for await (const event of store.read({ all: true }, { direction: "backwards", limit: 1 })) {
    while (Date.now() <= event.time.getTime() + 1) await quiet();
    return event.time;
  }
  throw new Error("The log is empty.");
}

describe("a read model of the past", () => {
  it("is that of every position, whatever was committed later", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ id: fc.constantFrom("a-1", "a-2"), amount: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        async (deposits, seed) => {
          const { bank, accounts } = openBank();
          const open = new Map(["a-1", "a-2"].map((id) => [id, new Account(id)]));
          for (const { id, amount } of deposits) {
            const account = open.get(id) as Account;
            account.deposit(amount);
            await accounts.save(account);
          }
          const upTo = seed % deposits.length;
          const past = await readModelAsOf(new Balances(), bank.category(Account), { position: position(upTo) });
          const expected: Record<string, number> = {};
          for (const { id, amount } of deposits.slice(0, upTo + 1)) expected[id] = (expected[id] ?? 0) + amount;
          expect(past.balances).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("has ended when it is there", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const past = await readModelAsOf(new Balances(), bank.category(Account), { position: position(0) });
    expect(past.health).toMatchObject([{ status: "ended", handledUpTo: 0 }]);
  });

  it("takes several feeds", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    await accounts.save(accountWith("a-2", 2));
    await accounts.save(accountWith("a-3", 4));
    const past = await readModelAsOf(new Balances(), [bank.aggregate(Account, "a-1"), bank.stream("banking.account-a-3")], {
      position: position(2),
    });
    expect(past.balances).toEqual({ "a-1": 1, "a-3": 4 });
  });

  it("takes a moment of virtual time", async () => {
    const time = createTestRuntime();
    await withRuntime(time.runtime, async () => {
      const { bank, accounts } = openBank();
      await accounts.save(accountWith("a-1", 1));
      const then = new Date(time.runtime.clock.now());
      await time.clock.advanceBy(1);
      await accounts.save(accountWith("a-2", 2));
      const past = await readModelAsOf(new Balances(), bank.category(Account), { time: then });
      expect(past.balances).toEqual({ "a-1": 1 });
    });
  });

  it("is refused for a position that the log has not come to, and the model is closed", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const model = new Balances();
    await expect(readModelAsOf(model, bank.category(Account), { position: position(1) })).rejects.toMatchObject({ code: "ahead-of-log" });
    await expect(model.start(bank.category(Account))).rejects.toMatchObject({ code: "already-closed" });
  });

  it("waits for nothing that lies behind its end", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1, 2));
    const past = await readModelAsOf(new Balances(), bank.category(Account), { position: position(0) });
    await past.caughtUpTo(position(0));
    await expect(past.caughtUpTo(position(1))).rejects.toMatchObject({ code: "not-caught-up" });
  });

  it("tells what a handler throws, and is closed", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    const model = new Journal(() => {
      throw new Error("not today");
    });
    await expect(readModelAsOf(model, bank.all(), { position: position(0) })).rejects.toMatchObject({
      code: "feed-faulted",
      cause: new Error("not today"),
    });
  });

  it("ends with its signal", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1, 2));
    const abort = new AbortController();
    const model = new Journal(() => abort.abort(new Error("no longer wanted")));
    const past = readModelAsOf(model, bank.all(), { position: position(1) }, { signal: abort.signal });
    await expect(past).rejects.toThrow("no longer wanted");
  });

  it("is made of a new model, and of one place", async () => {
    const { bank, accounts } = openBank();
    await accounts.save(accountWith("a-1", 1));
    await using started = new Balances();
    await started.start(bank.category(Account), { from: after(position(0)) });
    const feed = bank.category(Account);
    await expect(readModelAsOf(started, feed, { position: position(0) })).rejects.toMatchObject({ code: "invalid-argument" });
    expect(started.health).toMatchObject([{ status: "live" }]);
    for (const wrong of [{}, { position: -1 }, { time: new Date(Number.NaN) }, { position: 0, time: new Date(0) }, null])
      await expect(readModelAsOf(new Balances(), feed, wrong as never)).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
