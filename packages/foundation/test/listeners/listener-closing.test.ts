import {
  AlreadyClosed,
  createListener,
  FeedFaulted,
  InvalidArgument,
  NotCaughtUp,
  NotStarted,
  position,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account } from "../banking.ts";
import { Gate, isSettled } from "../gate.ts";
import { deposit, deposits, noted, openWith, virtually } from "./noted.ts";

const QUIET = { onFault: () => undefined };

describe("closing a listener", () => {
  it(
    "waits for the handler that is running, and nothing is handled afterwards",
    virtually(async () => {
      const { bank, accounts } = await openWith(3);
      const gate = new Gate();
      const listener = createListener(bank.category(Account));
      const entries = noted(listener, () => gate.pass());
      await listener.start();
      const closing = listener.close();
      const again = listener[Symbol.asyncDispose]();
      expect(await isSettled(Promise.race([closing, again]))).toBe(false);
      gate.open();
      await Promise.all([closing, again]);
      await deposit(accounts, "a-1");
      expect(entries).toEqual(deposits(0, 0));
      expect(listener.health).toMatchObject({ status: "closed", handledUpTo: 0 });
      await expect(listener.live).rejects.toBeInstanceOf(AlreadyClosed);
      await expect(listener.start()).rejects.toBeInstanceOf(AlreadyClosed);
    }),
  );

  it(
    "J5: before it was started leaves live rejected, and not pending",
    virtually(async () => {
      const { bank } = await openWith(1);
      const listener = createListener(bank.category(Account));
      await listener.close();
      await expect(listener.live).rejects.toBeInstanceOf(AlreadyClosed);
      await expect(listener.start()).rejects.toBeInstanceOf(AlreadyClosed);
    }),
  );

  it(
    "while it starts handles nothing",
    virtually(async () => {
      const { bank } = await openWith(1);
      const listener = createListener(bank.category(Account));
      const entries = noted(listener);
      const starting = listener.start();
      await listener.close();
      await starting;
      await expect(listener.live).rejects.toBeInstanceOf(AlreadyClosed);
      expect(entries).toEqual([]);
    }),
  );
});

describe("waiting for a listener", () => {
  it(
    "J12: that was not started is refused, also on an empty log",
    virtually(async () => {
      for (const events of [0, 1]) {
        const { bank } = await openWith(events);
        await using listener = createListener(bank.category(Account));
        await expect(listener.caughtUp()).rejects.toBeInstanceOf(NotStarted);
        await expect(listener.caughtUpTo(position(0))).rejects.toBeInstanceOf(NotStarted);
      }
    }),
  );

  it(
    "J12: gives up after its time, and names what it is busy with",
    virtually(async () => {
      const { bank } = await openWith(2);
      const gate = new Gate();
      await using listener = createListener(bank.category(Account), { name: "The bell" });
      noted(listener, () => gate.pass());
      await listener.start();
      const failure = await listener.caughtUp({ timeoutMs: 70 }).catch((error: unknown) => error);
      gate.open();
      expect(failure).toBeInstanceOf(NotCaughtUp);
      expect(failure).toMatchObject({
        retryable: true,
        details: { owner: "The bell", wanted: 1, reached: null, timeoutMs: 70, busyWith: "AmountDeposited at position 0" },
      });
    }),
  );

  it(
    "J12: for what is handled already ends at once, and for a stopped one with what has stopped it",
    virtually(async () => {
      const { bank } = await openWith(2);
      await using listener = createListener(bank.category(Account));
      noted(listener, (_, context) => {
        if (context.version === 1) throw new Error("not one");
      });
      await listener.start(QUIET);
      await expect(listener.live).rejects.toBeInstanceOf(FeedFaulted);
      await listener.caughtUpTo(position(0));
      await expect(listener.caughtUp()).rejects.toBeInstanceOf(FeedFaulted);
      await expect(listener.caughtUp({ timeoutMs: 0 })).rejects.toBeInstanceOf(InvalidArgument);
      await expect(listener.caughtUp({ timeoutMs: Number.NaN })).rejects.toBeInstanceOf(InvalidArgument);
    }),
  );
});
