import { after, position, version } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, AmountDeposited, GiftReceived, openBank } from "../banking.ts";
import { Gate } from "../gate.ts";
import { deposit, openWith, virtually } from "../listeners/noted.ts";
import { Totals } from "./totals.ts";

describe("the marks and checkpoints of a read model", () => {
  it("J9: are unknown, and none, where nothing was started", () => {
    const model = new Totals();
    expect([model.highWaterMark, model.lowWaterMark, model.checkpoints]).toEqual([null, null, []]);
  });

  it(
    "J9: are the furthest and the nearest of its feeds",
    virtually(async () => {
      const { bank, accounts } = await openWith(3);
      await accounts.save(accountWith("a-2", 1, 1));
      await using model = new Totals();
      await model.start(bank.aggregate(Account, "a-1"));
      await model.live;
      expect([model.highWaterMark, model.lowWaterMark]).toEqual([2, 2]);
      await model.start(bank.aggregate(Account, "a-2"));
      await model.live;
      expect([model.highWaterMark, model.lowWaterMark]).toEqual([4, 2]);
      await deposit(accounts, "a-1");
      await model.caughtUp();
      expect([model.highWaterMark, model.lowWaterMark]).toEqual([5, 4]);
    }),
  );

  it(
    "J9: leave the furthest known and the nearest unknown with a feed that is silent",
    virtually(async () => {
      const { bank } = await openWith(3);
      await using model = new Totals();
      await model.start(bank.category(Account));
      await model.start(bank.eventType(GiftReceived));
      await model.live;
      expect([model.highWaterMark, model.lowWaterMark]).toEqual([2, null]);
      expect(model.checkpoints).toEqual([
        { feed: "category Account of banking", version: null, position: 2 },
        { feed: "events of type GiftReceived of banking", version: null, position: null },
      ]);
    }),
  );

  it(
    "J9: are both unknown where all feeds are silent",
    virtually(async () => {
      await using model = new Totals();
      await model.start(openBank().bank.all());
      await model.live;
      expect([model.highWaterMark, model.lowWaterMark]).toEqual([null, null]);
    }),
  );

  it(
    "J10: have no version, and not 0, of a stream that delivered nothing",
    virtually(async () => {
      const { bank } = openBank();
      await using model = new Totals();
      await model.start(bank.aggregate(Account, "a-1"));
      await model.live;
      expect(model.checkpoints).toEqual([{ feed: "Account a-1 of banking", version: null, position: null }]);
    }),
  );

  it(
    "J10: are where it goes on from, before anything is delivered",
    virtually(async () => {
      const { bank } = await openWith(10);
      const [stream, category] = [bank.aggregate(Account, "a-1"), bank.category(Account)];
      for (const [feed, from, checkpoint] of [
        [stream, after(version(9)), { version: 9, position: null }],
        [category, after(position(9)), { version: null, position: 9 }],
        [stream, { feed: stream.name, version: version(9), position: position(9) }, { version: 9, position: 9 }],
        [stream, { feed: stream.name, version: null, position: position(9) }, { version: 9, position: 9 }],
        [category, { feed: category.name, version: null, position: position(9) }, { version: null, position: 9 }],
      ] as const) {
        await using model = new Totals();
        await model.start(feed, { from });
        expect(model.checkpoints).toEqual([{ feed: feed.name, ...checkpoint }]);
        await model.live;
        expect(model.checkpoints).toEqual([{ feed: feed.name, ...checkpoint }]);
        expect(model.handled).toBe(0);
      }
    }),
  );

  it(
    "J10: are where it goes on from, while it is started and where it is closed meanwhile",
    virtually(async () => {
      const { bank } = await openWith(10);
      const [stream, category] = [bank.aggregate(Account, "a-1"), bank.category(Account)];
      for (const [feed, from, checkpoint] of [
        [stream, after(version(4)), { version: 4, position: null }],
        [category, after(position(4)), { version: null, position: 4 }],
        [category, { feed: category.name, version: null, position: position(4) }, { version: null, position: 4 }],
      ] as const) {
        await using model = new Totals();
        const started = model.start(feed, { from });
        expect(model.checkpoints).toEqual([{ feed: feed.name, ...checkpoint }]);
        await model.close();
        await started;
        expect(model.checkpoints).toEqual([{ feed: feed.name, ...checkpoint }]);
      }
    }),
  );

  it(
    "J7: follow the stream from where it goes on, from 9 to 19",
    virtually(async () => {
      const { bank, accounts } = await openWith(10);
      await using model = new Totals();
      await model.start(bank.aggregate(Account, "a-1"), { from: after(version(9)) });
      await model.live;
      const account = await accounts.getById("a-1");
      for (let count = 0; count < 10; count++) account.deposit(1);
      await accounts.save(account);
      await model.caughtUp();
      expect(model.handled).toBe(10);
      expect(model.checkpoints).toEqual([{ feed: "Account a-1 of banking", version: 19, position: 19 }]);
    }),
  );

  it(
    "J8: of a feed that is started twice are two",
    virtually(async () => {
      const { bank } = await openWith(2);
      await using model = new Totals();
      await Promise.all([model.start(bank.category(Account)), model.start(bank.category(Account), { from: after(position(0)) })]);
      await model.live;
      expect(model.checkpoints).toHaveLength(2);
      expect(model.handled).toBe(3);
    }),
  );

  it(
    "J9: tell by lag what lies before each feed",
    virtually(async ({ clock }) => {
      const { bank, accounts } = await openWith(1);
      const gate = new Gate();
      await using model = new Totals(({ amount }) => (amount === 13 ? gate.pass() : undefined));
      await model.start(bank.category(Account));
      await model.start(bank.eventType(GiftReceived));
      await model.live;
      expect(await model.lag()).toEqual([
        { feed: "category Account of banking", events: 0, ms: 0 },
        { feed: "events of type GiftReceived of banking", events: 0, ms: 0 },
      ]);
      await deposit(accounts, "a-1", 13);
      await clock.advanceBy(70);
      expect(await model.lag()).toMatchObject([
        { events: 1, ms: 70 },
        { events: 0, ms: 0 },
      ]);
      expect(model.health).toMatchObject([{ busyWith: { type: AmountDeposited.type, position: 1, forMs: 70 } }, { busyWith: null }]);
      gate.open();
    }),
  );
});
