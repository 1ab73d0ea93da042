import { createHealth, createListener } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { Account, openBank } from "../banking.ts";
import { Gate } from "../gate.ts";
import { deposit, openWith } from "../listeners/noted.ts";
import { Totals } from "../read-models/totals.ts";

describe.each(everyStore)("a health of what follows a store of $name", ({ open }) => {
  it("tells positions and lags as the store has them", async () => {
    const { bank, accounts } = await openWith(3, openBank(await open()));
    const gate = new Gate();
    await using totals = new Totals((_, { version }) => (version > 2 ? gate.pass() : undefined));
    await using listener = createListener(bank.all(), { name: "all" });
    for (const follower of [totals, listener]) await (follower === totals ? totals.start(bank.category(Account)) : listener.start());
    await Promise.all([totals.live, listener.live]);
    const health = createHealth([totals, listener], { lagTimeoutMs: 20_000 });
    expect(await health.report()).toMatchObject({
      status: "ok",
      isReady: true,
      workers: [
        { position: 2, lag: { events: 0, ms: 0 } },
        { position: 2, lag: { events: 0, ms: 0 } },
      ],
    });
    await deposit(accounts, "a-1");
    await deposit(accounts, "a-2");
    await listener.caughtUp();
    expect((await health.report()).workers).toMatchObject([
      { position: 2, lag: { events: 2 } },
      { position: 4, lag: { events: 0 } },
    ]);
    gate.open();
    await totals.caughtUp();
    expect((await health.report()).workers).toMatchObject([
      { position: 4, lag: { events: 0, ms: 0 } },
      { position: 4, lag: { events: 0, ms: 0 } },
    ]);
  });

  it("says that nobody can tell how far they are once the store is closed", async () => {
    const { bank, store } = await openWith(1, openBank(await open()));
    await using listener = createListener(bank.category(Account), { name: "mailer" });
    await listener.start({ onFault: () => undefined });
    await listener.live;
    await store.close();
    const { status, alarms } = await createHealth([listener], { lagTimeoutMs: 20_000 }).report();
    expect(status).toBe("failing");
    expect(alarms.at(-1)).toBe("listener mailer on category Account of banking cannot tell how far it is: already-closed.");
  });
});
