import { createEventBus, EventBase, metadataOf } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, AmountWithdrawn, GiftReceived } from "./banking.ts";

const gift = (): GiftReceived => new GiftReceived({ accountId: "a-1", amount: 1, from: "Bob" });

describe("what an event bus tells of its subscribers", () => {
  it("C7: whether there is one for a class, or for one that derives from it", () => {
    const events = createEventBus();
    const end = events.subscribe(GiftReceived, () => undefined);
    expect(events.hasSubscriber(AmountDeposited)).toBe(false);
    expect(events.hasSubscriber(AmountDeposited, { includeDerived: true })).toBe(true);
    expect(events.hasSubscriber(GiftReceived)).toBe(true);
    end();
    expect(events.hasSubscriber(AmountDeposited)).toBe(false);
    expect(events.hasSubscriber(AmountDeposited, { includeDerived: true })).toBe(false);
  });

  it("C7: counts one of a base class, unless that wants no others", () => {
    const events = createEventBus();
    const end = events.subscribe(AmountDeposited, () => undefined);
    expect(events.hasSubscriber(GiftReceived)).toBe(true);
    end();
    events.subscribe(AmountDeposited, () => undefined, { includeDerived: false });
    expect(events.hasSubscriber(GiftReceived)).toBe(false);
  });

  it("C8: which types were asked for, and which are handled, both less when one leaves", async () => {
    const events = createEventBus();
    const ends = [0, 1].map(() => events.subscribe(AmountDeposited, () => undefined));
    events.subscribe(AmountWithdrawn, () => undefined);
    await events.publish(gift());
    expect(events.subscribedTypes()).toEqual(["AmountDeposited", "AmountWithdrawn"]);
    expect(events.handledTypes()).toEqual(["AmountDeposited", "AmountWithdrawn", "GiftReceived"]);
    for (const end of ends) end();
    expect(events.subscribedTypes()).toEqual(["AmountWithdrawn"]);
    expect(events.handledTypes()).toEqual(["AmountWithdrawn"]);
    events.subscribe(EventBase, () => undefined);
    expect(events.subscribedTypes()).toEqual(["*", "AmountWithdrawn"]);
  });

  it("keeps the order of one publisher for each handler, also of one that is slow", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, async ({ amount }) => {
      seen.push(`slow ${amount}`);
      await Promise.resolve();
    });
    events.subscribe(AmountDeposited, ({ amount }) => seen.push(`quick ${amount}`));
    await Promise.all([1, 2, 3].map((amount) => events.publish(new AmountDeposited({ accountId: "a-1", amount }))));
    expect(seen).toEqual(["slow 1", "quick 1", "slow 2", "quick 2", "slow 3", "quick 3"]);
  });

  it("hands the same event with the same metadata to all", async () => {
    const ids: string[] = [];
    const events = createEventBus();
    for (let handler = 0; handler < 3; handler++)
      events.subscribe(EventBase, (event, { metadata }) => void ids.push(metadata.id, metadataOf(event).id));
    await events.publish(gift());
    expect(new Set(ids).size).toBe(1);
  });
});
