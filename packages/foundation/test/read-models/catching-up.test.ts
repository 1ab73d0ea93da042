import { AlreadyClosed, NotCaughtUp, position, withRuntime, type Position } from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, openBank } from "../banking.ts";
import { Gate, isSettled } from "../gate.ts";
import { GrantLoan, loans } from "../lending.ts";
import { Journal } from "./journal.ts";

/** A model that handles deposits but holds those of 13 at a gate, on time that is moved by hand. */
async function openLagging() {
  const time = createTestRuntime();
  const gate = new Gate();
  const hold = (event: unknown): unknown => (event instanceof AmountDeposited && event.amount === 13 ? gate.pass() : undefined);
  const opened = openBank();
  const journal = withRuntime(time.runtime, () => new Journal(hold));
  await journal.start(opened.bank.category(Account));
  await journal.live;
  const deposit = async (id: string, amount: number): Promise<Position> => {
    const { position: saved } = await opened.accounts.save(accountWith(id, amount));
    return position(Number(saved));
  };
  return { ...opened, time, gate, journal, deposit };
}

describe("waiting for a read model to catch up", () => {
  it("J12: ends at once when it has", async () => {
    const { journal, deposit, time } = await openLagging();
    const saved = await deposit("a-1", 1);
    await journal.caughtUpTo(saved);
    await journal.caughtUpTo(saved);
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
    expect(time.pendingTimers).toBe(0);
  });

  it("J12: ends when the event was handled, not before", async () => {
    const { journal, deposit, gate } = await openLagging();
    const waiting = journal.caughtUpTo(await deposit("a-1", 13));
    expect(await isSettled(waiting)).toBe(false);
    gate.open();
    await waiting;
    expect(journal.entries).toEqual(["AmountDeposited 0 of banking.account-a-1"]);
  });

  it("J12: ends for events that its feed does not have, too", async () => {
    const { journal, bank } = await openLagging();
    const { position: granted } = await bank.deciderRepository(loans).handle("l-1", new GrantLoan({ loanId: "l-1", amount: 100 }));
    await journal.caughtUpTo(position(Number(granted)));
    expect(journal.entries).toEqual([]);
    expect(journal.health).toMatchObject([{ handledUpTo: granted }]);
  });

  it("J12: ends for each waiter at its own position", async () => {
    const { journal, deposit, gate } = await openLagging();
    const first = await deposit("a-1", 1);
    await journal.caughtUpTo(first);
    const held = journal.caughtUpTo(await deposit("a-2", 13));
    const later = journal.caughtUpTo(await deposit("a-3", 1));
    expect(await isSettled(Promise.race([held, later]))).toBe(false);
    gate.open();
    await held;
    await later;
    expect(journal.entries).toHaveLength(3);
  });

  it("J12: waits for all of its feeds", async () => {
    const { journal, bank, deposit } = await openLagging();
    await journal.start(bank.all());
    await journal.caughtUpTo(await deposit("a-1", 1));
    expect(journal.entries).toHaveLength(2);
  });

  it("J12: to the end of the log has handled everything committed before", async () => {
    const { journal, deposit, gate } = await openLagging();
    await deposit("a-1", 1);
    await deposit("a-2", 13);
    const waiting = journal.caughtUp();
    expect(await isSettled(waiting)).toBe(false);
    gate.open();
    await waiting;
    expect(journal.entries).toHaveLength(2);
  });

  it("J12: ends at once on an empty log, and for a model without feeds", async () => {
    const { journal } = await openLagging();
    await journal.caughtUp();
    await using idle = new Journal();
    await idle.caughtUp();
    await idle.caughtUpTo(position(7));
  });

  it("J12: gives up after its time, and names the feed that lags and how far it is", async () => {
    const { journal, deposit, time, gate } = await openLagging();
    const first = await deposit("a-1", 1);
    await journal.caughtUpTo(first);
    const saved = await deposit("a-2", 13);
    const waiting = journal.caughtUpTo(saved, { timeoutMs: 500 });
    await time.clock.advanceBy(499);
    expect(await isSettled(waiting)).toBe(false);
    await time.clock.advanceBy(1);
    await expect(waiting).rejects.toBeInstanceOf(NotCaughtUp);
    await expect(waiting).rejects.toMatchObject({
      code: "not-caught-up",
      retryable: true,
      details: { owner: "Journal", feed: "category Account of banking", wanted: saved, reached: first, timeoutMs: 500 },
    });
    gate.open();
    await journal.caughtUpTo(saved);
  });

  it("J12: waits for 30 seconds unless told otherwise", async () => {
    const { journal, deposit, time, gate } = await openLagging();
    const waiting = journal.caughtUpTo(await deposit("a-1", 13));
    await time.clock.advanceBy(29_999);
    expect(await isSettled(waiting)).toBe(false);
    await time.clock.advanceBy(1);
    await expect(waiting).rejects.toBeInstanceOf(NotCaughtUp);
    expect(time.pendingTimers).toBe(0);
    gate.open();
  });

  it.each([0, -1, Number.NaN])("D12: refuses to wait for %d milliseconds", async (timeoutMs) => {
    const { journal } = await openLagging();
    await expect(journal.caughtUpTo(position(0), { timeoutMs })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("ends when its signal aborts, with the signal's reason and no timer left", async () => {
    const { journal, deposit, time, gate } = await openLagging();
    const abort = new AbortController();
    const waiting = journal.caughtUpTo(await deposit("a-1", 13), { signal: abort.signal });
    abort.abort(new Error("no longer wanted"));
    await expect(waiting).rejects.toThrow("no longer wanted");
    await expect(journal.caughtUp({ signal: abort.signal })).rejects.toThrow("no longer wanted");
    expect(time.pendingTimers).toBe(0);
    gate.open();
  });

  it("J5: is cancelled when the model closes", async () => {
    const { journal, deposit, time, gate } = await openLagging();
    const waiting = journal.caughtUpTo(await deposit("a-1", 13));
    const closing = journal.close();
    await expect(waiting).rejects.toBeInstanceOf(AlreadyClosed);
    expect(time.pendingTimers).toBe(0);
    gate.open();
    await closing;
  });

  it("after closing is answered for what was handled, and refused for what was not", async () => {
    const { journal, deposit } = await openLagging();
    const handled = await deposit("a-1", 1);
    await journal.caughtUpTo(handled);
    await journal.close();
    await journal.caughtUpTo(handled);
    await expect(journal.caughtUpTo(await deposit("a-2", 1))).rejects.toBeInstanceOf(AlreadyClosed);
  });
});
