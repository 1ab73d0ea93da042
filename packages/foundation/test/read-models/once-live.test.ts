import { InvalidArgument } from "@reactive-domain/foundation";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, accountWith, openBank } from "../banking.ts";
import { Gate, isSettled, quiet } from "../gate.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

const QUIET = { onFault: () => undefined };

describe("a read model that is armed for going live", () => {
  it(
    "J13: calls behind all history, once, and before live resolves",
    virtually(async () => {
      const { bank, accounts } = await openWith(5);
      await accounts.save(accountWith("a-2", 1, 1));
      const order: string[] = [];
      await using model = new Totals(() => order.push("event"));
      model.onceLive(async () => {
        await quiet();
        order.push("armed");
      });
      await model.start(bank.aggregate(Account, "a-1"));
      await model.start(bank.aggregate(Account, "a-2"));
      await model.live;
      order.push("live");
      await deposit(accounts, "a-1");
      await model.caughtUp();
      expect(order).toEqual([...Array.from({ length: 7 }, () => "event"), "armed", "live", "event"]);
    }),
  );

  it(
    "J13: that is live calls behind what it has in hand",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      const gate = new Gate();
      await using model = new Totals(({ amount }) => (amount === 13 ? gate.pass() : undefined));
      await model.start(bank.category(Account));
      await model.live;
      await deposit(accounts, "a-1", 13);
      await quiet();
      const handled: number[] = [];
      model.onceLive(() => handled.push(model.handled));
      await quiet();
      expect(handled).toEqual([]);
      gate.open();
      await model.caughtUp();
      await quiet();
      expect(handled).toEqual([2]);
    }),
  );

  it(
    "J13: calls each, in their order, also one that is armed by another",
    virtually(async () => {
      const { bank } = await openWith(1);
      const order: string[] = [];
      await using model = new Totals();
      model.onceLive(() => {
        order.push("first");
        model.onceLive(() => order.push("third"));
      });
      model.onceLive(() => order.push("second"));
      await model.start(bank.category(Account));
      await model.live;
      await quiet();
      expect(order).toEqual(["first", "second", "third"]);
    }),
  );

  it(
    "J13: does not call again when a feed was interrupted, nor when another is started",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const { bank, accounts } = await openWith(1, openBank(faults.store));
      let calls = 0;
      await using model = new Totals();
      model.onceLive(() => calls++);
      await model.start(bank.category(Account));
      await model.live;
      faults.dropSubscriptions();
      await deposit(accounts, "a-1");
      await model.caughtUp();
      await model.start(bank.aggregate(Account, "a-1"));
      await model.live;
      expect(calls).toBe(1);
    }),
  );

  it(
    "J13: is not kept waiting by a feed that was refused",
    virtually(async () => {
      const { bank } = await openWith(1);
      let calls = 0;
      await using model = new Totals();
      await model.start(bank.category(Account));
      await model.live;
      const starting = model.start(bank.aggregate(Account, "a-9"), { mustExist: true });
      model.onceLive(() => calls++);
      await expect(starting).rejects.toMatchObject({ code: "feed-not-found" });
      await quiet();
      expect(calls).toBe(1);
      await model.live;
    }),
  );

  it(
    "that fails is a fault of the feed that went live last, or a warning where it was live",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using model = new Totals();
      model.onceLive(() => {
        throw new Error("not ready");
      });
      await model.start(bank.category(Account), QUIET);
      await expect(model.live).rejects.toMatchObject({
        code: "feed-faulted",
        cause: new Error("not ready"),
        details: { where: "between events" },
      });
      const warnings: Error[] = [];
      const onWarning = (warning: Error): number => warnings.push(warning);
      process.on("warning", onWarning);
      await using other = new Totals();
      await other.start(bank.category(Account));
      await other.live;
      other.onceLive(() => Promise.reject(new Error("too late")));
      await quiet();
      process.off("warning", onWarning);
      expect(warnings).toMatchObject([{ message: "too late" }]);
      await other.caughtUp();
    }),
  );

  it("refuses what is no function", () => {
    expect(() => new Totals().onceLive("now" as never)).toThrow(InvalidArgument);
  });
});

describe("a read model whose start fails", () => {
  it(
    "J5: has live rejected, tells why in its health, and goes live when the start is tried again",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const { bank } = await openWith(2, openBank(faults.store));
      await using model = new Totals();
      faults.failSubscriptions({ error: new Error("away") });
      await expect(model.start(bank.category(Account))).rejects.toThrow("away");
      await expect(model.live).rejects.toThrow("away");
      expect(model.health).toMatchObject([{ status: "faulted", error: new Error("away") }]);
      expect(model.checkpoints).toEqual([]);
      await model.start(bank.category(Account));
      await model.live;
      expect(model.health).toMatchObject([{ status: "live" }]);
      expect(model.handled).toBe(2);
    }),
  );

  it(
    "J5: by what must exist and does not leaves no trace",
    virtually(async () => {
      const { bank } = await openWith(1);
      await using model = new Totals();
      await expect(model.start(bank.aggregate(Account, "a-9"), { mustExist: true })).rejects.toMatchObject({ code: "feed-not-found" });
      await model.live;
      expect(model.health).toEqual([]);
    }),
  );

  it(
    "J5: ends live where the model is closed while feeds are outstanding, one live and one not",
    virtually(async () => {
      const { bank, accounts } = await openWith(1);
      await accounts.save(accountWith("a-2", 13));
      const gate = new Gate();
      const model = new Totals(({ amount }) => (amount === 13 ? gate.pass() : undefined));
      await model.start(bank.aggregate(Account, "a-1"));
      await model.live;
      await model.start(bank.aggregate(Account, "a-2"));
      const { live } = model;
      expect(await isSettled(live)).toBe(false);
      const closing = model.close();
      await expect(live).rejects.toMatchObject({ code: "already-closed" });
      gate.open();
      await closing;
    }),
  );
});
