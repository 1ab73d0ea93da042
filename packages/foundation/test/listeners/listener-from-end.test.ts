import { createListener } from "@reactive-domain/foundation";
import { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
import { injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { openBank } from "../banking.ts";
import { deposit, deposits, feedsOf, noted, openWith, virtually } from "./noted.ts";

describe("a listener from the end on", () => {
  it(
    "is given what is written from then on, of every kind of feed, also on an empty log",
    virtually(async () => {
      for (const before of [0, 3]) {
        const opened = await openWith(before);
        const listeners = feedsOf(opened).map((feed) => createListener(feed));
        const noting = listeners.map((listener) => noted(listener));
        await Promise.all(listeners.map((listener) => listener.start({ from: "end" })));
        await deposit(opened.accounts, "a-1");
        await Promise.all(listeners.map((listener) => listener.caughtUp()));
        for (const entries of noting) expect(entries).toEqual(deposits(before, before));
        await Promise.all(listeners.map((listener) => listener.close()));
      }
    }),
  );

  it(
    "I13: loses nothing when it is dropped before its first event",
    virtually(async () => {
      for (const before of [0, 3]) {
        const faults = injectFaults(createInMemoryStore());
        const opened = await openWith(before, openBank(faults.store));
        const listeners = feedsOf(opened).map((feed) => createListener(feed));
        const noting = listeners.map((listener) => noted(listener));
        await Promise.all(listeners.map((listener) => listener.start({ from: "end" })));
        expect(faults.dropSubscriptions()).toBe(listeners.length);
        await deposit(opened.accounts, "a-1");
        await Promise.all(listeners.map((listener) => listener.caughtUp()));
        for (const entries of noting) expect(entries).toEqual(deposits(before, before));
        await Promise.all(listeners.map((listener) => listener.close()));
      }
    }),
  );

  it(
    "K10: tells where that was before anything is delivered, so that another goes on from there",
    virtually(async () => {
      const opened = await openWith(3);
      for (const feed of feedsOf(opened)) {
        await using listener = createListener(feed);
        await listener.start({ from: "end" });
        const { checkpoint } = listener;
        expect("stream" in feed.source ? checkpoint.version : checkpoint.position).toBeGreaterThanOrEqual(2);
        await deposit(opened.accounts, "a-1");
        await using next = createListener(feed);
        const entries = noted(next);
        await next.start({ from: checkpoint });
        await next.live;
        expect(entries).toHaveLength(1);
      }
    }),
  );
});
