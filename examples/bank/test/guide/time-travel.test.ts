import { connect, createInMemoryStore, position, readModelAsOf, version } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { expect, it } from "vitest";
import { Account, banking } from "../first-steps/account.ts";
import { Balances } from "../first-steps/balances.ts";

const DAY_MS = 86_400_000;

it("a read model and an aggregate as they were", () => {
  const test = createTestRuntime({ startMs: Date.UTC(2026, 0, 1) });
  return test.run(async () => {
    const store = createInMemoryStore();
    const bank = connect(banking, store);
    const accounts = bank.repository(Account);
    const account = new Account("a-1");
    account.open("Ann");
    account.deposit(100);
    await accounts.save(account);
    await test.clock.advanceBy(31 * DAY_MS);
    await accounts.update("a-1", (one) => one.deposit(50));
    await using balances = new Balances();
    await balances.start(bank.category(Account));
    await balances.live;

    // #region time
    const january = await readModelAsOf(new Balances(), bank.category(Account), { time: new Date("2026-01-31T23:59:59Z") });
    const then = january.of("a-1"); // 100
    const now = balances.of("a-1"); // 150: the live one is not touched
    // #endregion
    expect([then, now]).toEqual([100, 150]);
    expect(january.health).toMatchObject([{ status: "ended" }]);
    // #region position
    const before = await readModelAsOf(new Balances(), bank.category(Account), { position: position(1) });
    const cheaper = await readModelAsOf(new Balances(), bank.aggregate(Account, "a-1"), { position: position(1) }); // reads one stream
    // #endregion
    expect([before.of("a-1"), cheaper.of("a-1")]).toEqual([100, 100]);
    // #region aggregate
    const opened = await accounts.getById("a-1", { asOf: { version: version(0) } });
    const inJanuary = await accounts.getById("a-1", { asOf: { time: new Date("2026-01-31T23:59:59Z") } });
    // #endregion
    expect([opened.expectedVersion, inJanuary.expectedVersion]).toEqual([0, 1]);
    const ahead = readModelAsOf(new Balances(), bank.category(Account), { position: position(99) });
    await expect(ahead).rejects.toMatchObject({ code: "ahead-of-log" });
  });
});
