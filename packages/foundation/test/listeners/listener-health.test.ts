import { createListener, position } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";
import { Account, accountWith, openBank } from "../banking.ts";
import { Gate } from "../gate.ts";
import { noted, openWith, STREAM, virtually } from "./noted.ts";

describe("health and lag", () => {
  it(
    "of one that was not started tell that everything lies before it",
    virtually(async ({ clock }) => {
      const { bank } = await openWith(3);
      const listener = createListener(bank.category(Account));
      await clock.advanceBy(40);
      expect(listener.health).toEqual({
        feed: "category Account of banking",
        status: "not-started",
        handledUpTo: null,
        checkpoint: { feed: "category Account of banking", version: null, position: null },
        progressAgeMs: null,
        busyWith: null,
        isHeld: false,
        interruptions: 0,
        error: undefined,
      });
      expect(await listener.lag()).toEqual({ feed: "category Account of banking", events: 3, ms: 40 });
    }),
  );

  it(
    "tell what a handler is at work on, for how long, and how old the last progress is",
    virtually(async ({ clock }) => {
      const { bank } = await openWith(2);
      const gate = new Gate();
      await using listener = createListener(bank.category(Account));
      noted(listener, (_, context) => (context.version === 1 ? gate.pass() : undefined));
      await listener.start();
      await clock.advanceBy(250);
      expect(listener.health).toMatchObject({
        status: "catching-up",
        handledUpTo: 0,
        progressAgeMs: 250,
        busyWith: { type: "AmountDeposited", stream: STREAM, position: 1, forMs: 250 },
      });
      expect(await listener.lag()).toMatchObject({ events: 1, ms: 250 });
      gate.open();
      await listener.live;
      expect(listener.health).toMatchObject({ status: "live", handledUpTo: 1, progressAgeMs: 0, busyWith: null });
      await clock.advanceBy(30);
      expect(listener.health).toMatchObject({ progressAgeMs: 30 });
      expect(await listener.lag()).toMatchObject({ events: 0, ms: 0 });
    }),
  );

  it(
    "count nothing that another feed has, and the positions from the oldest of its own",
    virtually(async ({ clock }) => {
      const { bank, accounts } = openBank();
      const gate = new Gate();
      await using listener = createListener(bank.aggregate(Account, "a-1"));
      noted(listener, () => gate.pass());
      await listener.start();
      await accounts.save(accountWith("a-2", 1, 1));
      await clock.advanceBy(5);
      expect(await listener.lag()).toMatchObject({ events: 0, ms: 0 });
      await accounts.save(accountWith("a-1", 1));
      await clock.advanceBy(20);
      await accounts.save(accountWith("a-3", 1));
      await clock.advanceBy(10);
      expect(await listener.lag()).toMatchObject({ events: 2, ms: 30 });
      gate.open();
      await listener.caughtUp();
      expect(await listener.lag()).toMatchObject({ events: 0, ms: 0 });
    }),
  );

  it(
    "of one that goes on in a stream behind a position count what lies behind it only",
    virtually(async () => {
      const { bank } = await openWith(5);
      const feed = bank.aggregate(Account, "a-1");
      const gate = new Gate();
      await using listener = createListener(feed);
      noted(listener, () => gate.pass());
      await listener.start({ from: { feed: feed.name, version: null, position: position(3) } });
      expect(listener.checkpoint).toEqual({ feed: feed.name, version: 3, position: 3 });
      expect(await listener.lag()).toMatchObject({ events: 1 });
      gate.open();
      await listener.live;
      expect(await listener.lag()).toMatchObject({ events: 0 });
    }),
  );
});
