import { FeedFaulted, InvalidArgument, position, ReadModelBusy } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, AmountDeposited } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

/** A model in the middle of the handler of its second event. */
async function openBusy() {
  const opened = await openWith(3);
  const gate = new Gate();
  const model = new Totals((_, context) => {
    if (context.position !== 1) return undefined;
    model.add("half", 1);
    return gate.pass().then(() => model.add("half", -1));
  });
  await model.start(opened.bank.category(Account));
  await quiet();
  return { ...opened, gate, model };
}

describe("reading a read model between two events", () => {
  it(
    "answers at once when it is at rest, also where nothing was started",
    virtually(async () => {
      const model = new Totals();
      expect(await model.read(() => 7)).toBe(7);
      expect(await model.read(async () => Promise.resolve(8))).toBe(8);
      await expect(
        model.read(() => {
          throw new Error("no such account");
        }),
      ).rejects.toThrow("no such account");
      expect(await model.read(() => 9)).toBe(9);
    }),
  );

  it(
    "never sees half of what a handler does, and does not wait for the events behind that one",
    virtually(async () => {
      const { model, gate } = await openBusy();
      expect(model.of("half")).toBe(1);
      const reading = model.read(() => [model.of("half"), model.handled]);
      expect(await isSettled(reading)).toBe(false);
      gate.open();
      expect(await reading).toEqual([0, 2]);
      await model.live;
      expect(model.handled).toBe(3);
      await model.close();
    }),
  );

  it(
    "keeps events back until a look that waits has settled",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      await using model = new Totals();
      await model.start(bank.category(Account));
      await model.live;
      const gate = new Gate();
      const reading = model.read(async () => {
        const before = model.handled;
        await gate.pass();
        return [before, model.handled];
      });
      await deposit(accounts, "a-1");
      await quiet();
      gate.open();
      expect(await reading).toEqual([1, 1]);
      await model.caughtUp();
      expect(model.handled).toBe(2);
    }),
  );

  it(
    "gives up after its time, tells what the model is busy with, and does not look later",
    virtually(async ({ clock }) => {
      const { model, gate } = await openBusy();
      let looks = 0;
      const reading = model.read(() => looks++, { timeoutMs: 200 }).catch((error: unknown) => error);
      await clock.advanceBy(199);
      expect(await isSettled(reading)).toBe(false);
      await clock.advanceBy(1);
      const failure = await reading;
      expect(failure).toBeInstanceOf(ReadModelBusy);
      expect(failure).toMatchObject({
        code: "read-model-busy",
        retryable: true,
        details: { model: "Totals", busyWith: "AmountDeposited at position 1", timeoutMs: 200 },
      });
      gate.open();
      await model.live;
      expect(looks).toBe(0);
      await model.close();
    }),
  );

  it(
    "tells that another reader keeps the model busy",
    virtually(async () => {
      const model = new Totals();
      const gate = new Gate();
      const first = model.read(() => gate.pass());
      await expect(model.read(() => 1, { timeoutMs: 10 })).rejects.toMatchObject({ details: { busyWith: "another reader" } });
      gate.open();
      await first;
    }),
  );

  it(
    "has its time to wait and to look: one that looks for too long is not waited for, and events go on",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(1);
      await using model = new Totals();
      await model.start(bank.category(Account));
      await model.live;
      const gate = new Gate();
      const reading = model.read(() => gate.pass().then(() => 3), { timeoutMs: 10 }).catch((error: unknown) => error);
      await deposit(accounts, "a-1");
      await clock.advanceBy(9);
      expect(model.handled).toBe(1);
      await clock.advanceBy(1);
      expect(await reading).toMatchObject({ code: "read-model-busy", details: { busyWith: "this reader itself", timeoutMs: 10 } });
      await model.caughtUp();
      expect(model.handled).toBe(2);
      gate.open();
      await quiet();
      expect(await model.read(() => 4)).toBe(4);
    }),
  );

  it(
    "ends by its signal with the signal's reason, and leaves no timer",
    virtually(async (test) => {
      const { model, gate } = await openBusy();
      const abort = new AbortController();
      const reading = model.read(() => 1, { signal: abort.signal });
      abort.abort(new Error("gone"));
      await expect(reading).rejects.toThrow("gone");
      await expect(model.read(() => 1, { signal: abort.signal })).rejects.toThrow("gone");
      expect(test.pendingTimers).toBe(0);
      gate.open();
      await model.live;
      await model.close();
    }),
  );

  it(
    "of a model that has faulted rejects with the fault, also when it waited",
    virtually(async () => {
      const { bank } = await openWith(2);
      const gate = new Gate();
      await using model = new Totals(async () => {
        await gate.pass();
        throw new Error("no");
      });
      await model.start(bank.category(Account), { onFault: () => undefined });
      await quiet();
      const reading = model.read(() => 1);
      gate.open();
      await expect(reading).rejects.toBeInstanceOf(FeedFaulted);
      await expect(model.read(() => 1)).rejects.toBeInstanceOf(FeedFaulted);
    }),
  );

  it(
    "is refused a time that is none",
    virtually(async () => {
      for (const timeoutMs of [0, -1, Number.NaN])
        await expect(new Totals().read(() => 1, { timeoutMs })).rejects.toBeInstanceOf(InvalidArgument);
    }),
  );

  it(
    "however many read, and however long each looks, lets events through",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(1);
      await using model = new Totals();
      await model.start(bank.category(Account));
      await model.live;
      const reading = new AbortController();
      // There is always one that waits: each begins before the one before has ended.
      const readOn = async (): Promise<void> => {
        while (!reading.signal.aborted) await model.read(() => clock.advanceBy(1));
      };
      const readers = [readOn(), readOn(), readOn()];
      for (let round = 0; round < 5; round++) await deposit(accounts, "a-1");
      await model.caughtUp({ timeoutMs: 1_000 });
      reading.abort();
      await Promise.all(readers);
      expect(model.handled).toBe(6);
    }),
  );

  it(
    "reads before publishing that waits",
    virtually(async () => {
      const { model, gate } = await openBusy();
      const order: string[] = [];
      const publishing = model
        .publish(new AmountDeposited({ accountId: "a-9", amount: 1 }), { context: { position: position(9) } })
        .then(() => order.push("published"));
      const reading = model.read(() => order.push("read"));
      gate.open();
      await Promise.all([publishing, reading]);
      expect(order).toEqual(["read", "published"]);
      await model.close();
    }),
  );
});
