import { createListener, type DeliveryHold } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { deposit, deposits, noted, openWith, virtually } from "./noted.ts";

/** A listener that is handling the first of three events, and what it has handled. */
async function openBusy() {
  const opened = await openWith(3);
  const gate = new Gate();
  const listener = createListener(opened.bank.aggregate(Account, "a-1"));
  const entries = noted(listener, () => gate.pass());
  await listener.start();
  await quiet();
  return { ...opened, gate, listener, entries };
}

describe("a hold on delivery", () => {
  it(
    "I12: is granted when the event that is being delivered is delivered and recorded, not before",
    virtually(async () => {
      const { gate, listener, entries } = await openBusy();
      const holding = listener.hold();
      expect(await isSettled(holding)).toBe(false);
      gate.open();
      const hold = await holding;
      expect(entries).toEqual(deposits(0, 0));
      expect(listener.checkpoint).toMatchObject({ version: 0, position: 0 });
      hold.release();
      await listener.live;
      expect(entries).toEqual(deposits(0, 2));
      await listener.close();
    }),
  );

  it(
    "I12: lets neither events nor the live signal pass while it is held",
    virtually(async () => {
      const { bank, accounts } = await openWith(2);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      let isLive = false;
      listener.onLive(() => {
        isLive = true;
      });
      const hold = await listener.hold();
      await listener.start();
      await deposit(accounts, "a-1");
      await quiet();
      expect(entries).toEqual([]);
      expect(isLive).toBe(false);
      expect(await isSettled(listener.live)).toBe(false);
      hold.release();
      await listener.caughtUp();
      expect(isLive).toBe(true);
      expect(entries).toEqual(deposits(0, 2));
    }),
  );

  it(
    "I12: keeps the live signal back behind an empty history",
    virtually(async () => {
      const { bank } = await openWith(0);
      await using listener = createListener(bank.category(Account));
      const hold = await listener.hold();
      await listener.start();
      expect(await isSettled(listener.live)).toBe(false);
      expect(listener.health.status).toBe("catching-up");
      hold.release();
      await listener.live;
    }),
  );

  it(
    "I12: may be released twice, which releases nobody else's",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      await listener.start();
      await listener.live;
      const first = await listener.hold();
      const waiting = listener.hold();
      expect(await isSettled(waiting)).toBe(false);
      first.release();
      const second = await waiting;
      first.release();
      await deposit(accounts, "a-1");
      await quiet();
      expect(entries).toEqual(deposits(0, 0));
      second.release();
      await listener.caughtUp();
      expect(entries).toEqual(deposits(0, 1));
    }),
  );

  it(
    "I12: ends with the block that has it",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      await listener.start();
      await listener.live;
      {
        using hold = await listener.hold();
        expect(hold).toBeDefined();
        await deposit(accounts, "a-1");
        await quiet();
        expect(entries).toHaveLength(1);
      }
      await listener.caughtUp();
      expect(entries).toHaveLength(2);
    }),
  );

  it(
    "is given up when its signal aborts before it is granted, and holds nothing then",
    virtually(async () => {
      const { gate, listener, entries } = await openBusy();
      const abort = new AbortController();
      const holding = listener.hold({ signal: abort.signal });
      abort.abort(new Error("too slow"));
      await expect(holding).rejects.toThrow("too slow");
      await expect(listener.hold({ signal: abort.signal })).rejects.toThrow("too slow");
      gate.open();
      await listener.live;
      expect(entries).toEqual(deposits(0, 2));
      await listener.close();
    }),
  );

  it(
    "stays when its signal aborts after it was granted",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using listener = createListener(bank.category(Account));
      const abort = new AbortController();
      const hold = await listener.hold({ signal: abort.signal });
      abort.abort();
      await listener.start();
      expect(await isSettled(listener.live)).toBe(false);
      hold.release();
      await listener.live;
    }),
  );

  it(
    "is released when the listener closes, and one that waits is granted and holds nothing",
    virtually(async () => {
      const { gate, listener, entries } = await openBusy();
      const first = listener.hold();
      gate.open();
      await first;
      const second = listener.hold();
      await listener.close();
      (await second).release();
      (await listener.hold()).release();
      expect(entries).toEqual(deposits(0, 0));
    }),
  );

  it(
    "after hold lets the listener move on in between",
    virtually(async () => {
      const { bank } = await openWith(20);
      await using listener = createListener(bank.category(Account));
      const entries = noted(listener);
      await listener.start();
      // Each asks for the next one before it lets go of its own.
      let next: Promise<DeliveryHold> = listener.hold();
      for (let round = 0; round < 50; round++) {
        const hold = await next;
        next = listener.hold();
        hold.release();
      }
      expect(entries).toEqual(deposits(0, 19));
      (await next).release();
    }),
  );
});
