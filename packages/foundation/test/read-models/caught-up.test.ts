import { caughtUp, createListener, EventBase, withRuntime } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, openBank } from "../banking.ts";
import { Gate, isSettled } from "../gate.ts";
import { Journal } from "./journal.ts";

describe("a barrier over several read models", () => {
  it("J12: has everything handled that was committed before, by all of them and by listeners", async () => {
    const { bank, accounts } = openBank();
    const [gate, told] = [new Gate(), [] as EventBase[]];
    await using quick = new Journal();
    await using slow = new Journal(() => gate.pass());
    await using listener = createListener(bank.all());
    listener.on(EventBase, (event) => told.push(event));
    await Promise.all([quick.start(bank.category(Account)), slow.start(bank.category(Account)), listener.start()]);
    await accounts.save(accountWith("a-1", 1, 2));
    const waiting = caughtUp([quick, slow, listener]);
    expect(await isSettled(waiting)).toBe(false);
    gate.open();
    await waiting;
    expect([quick.entries.length, slow.entries.length, told.length]).toEqual([2, 2, 2]);
  });

  it("J12: names who lags, the feed, and the event that a handler was busy with", async () => {
    const time = createTestRuntime();
    const { bank, accounts } = openBank();
    const gate = new Gate();
    const slow = withRuntime(time.runtime, () => new Journal(() => gate.pass()));
    await slow.start(bank.category(Account));
    await accounts.save(accountWith("a-1", 1, 2));
    const waiting = caughtUp([new Journal(), slow], { timeoutMs: 200 });
    await isSettled(waiting);
    await time.clock.advanceBy(200);
    await expect(waiting).rejects.toMatchObject({
      code: "not-caught-up",
      details: {
        owner: "Journal",
        feed: "category Account of banking",
        reached: null,
        wanted: 1,
        busyWith: "AmountDeposited at position 0",
      },
    });
    gate.open();
    await slow.close();
  });

  it("J12: is not held back by what is closed, before or meanwhile", async () => {
    const { bank, accounts } = openBank();
    const gate = new Gate();
    const [before, meanwhile] = [new Journal(), new Journal(() => gate.pass())];
    await Promise.all([before.start(bank.all()), meanwhile.start(bank.all())]);
    await before.close();
    await accounts.save(accountWith("a-1", 1));
    const waiting = caughtUp([before, meanwhile]);
    expect(await isSettled(waiting)).toBe(false);
    const closing = meanwhile.close();
    await waiting;
    gate.open();
    await closing;
  });

  it("J12: tells of a feed that has stopped, and of a store that is closed", async () => {
    const { bank, accounts, store } = openBank();
    const faulty = new Journal(() => {
      throw new Error("not today");
    });
    await using sound = new Journal();
    await Promise.all([faulty.start(bank.all(), { onFault: () => undefined }), sound.start(bank.all(), { onFault: () => undefined })]);
    await accounts.save(accountWith("a-1", 1));
    await expect(caughtUp([sound, faulty])).rejects.toMatchObject({ code: "feed-faulted" });
    await store.close();
    await expect(caughtUp([sound])).rejects.toMatchObject({ code: "already-closed" });
  });

  it("is not made of what is no list", async () => {
    await expect(caughtUp(new Journal() as never)).rejects.toMatchObject({ code: "invalid-argument" });
    await caughtUp([]);
  });
});
