import { createEventBus, EventBase, EventHandlersFailed, metadataOf, type MessageContext } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, AmountWithdrawn, GiftReceived } from "./banking.ts";
import { rejectionOf } from "./refusal.ts";

const deposited = (): AmountDeposited => new AmountDeposited({ accountId: "a-1", amount: 5 });
const gift = (): GiftReceived => new GiftReceived({ accountId: "a-1", amount: 5, from: "Bob" });

describe("an event that is published", () => {
  it("C1: reaches the handlers of its class, and no others", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, () => seen.push("deposits"));
    events.subscribe(AmountWithdrawn, () => seen.push("withdrawals"));
    await events.publish(deposited());
    expect(seen).toEqual(["deposits"]);
  });

  it("C1: reaches the handler of its base once", async () => {
    const seen: AmountDeposited[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, (event) => seen.push(event));
    const event = gift();
    await events.publish(event);
    expect(seen).toEqual([event]);
    expect(seen[0]).toBe(event);
  });

  it("C1: does not reach the handler of its base that asked for exactly that class", async () => {
    const seen: AmountDeposited[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, (event) => seen.push(event), { includeDerived: false });
    await events.publish(gift());
    expect(seen).toEqual([]);
    const event = deposited();
    await events.publish(event);
    expect(seen).toEqual([event]);
  });

  it("C1: does not reach the handler of a class that derives from its own", async () => {
    const seen: GiftReceived[] = [];
    const events = createEventBus();
    events.subscribe(GiftReceived, (event) => seen.push(event));
    await events.publish(deposited());
    expect(seen).toEqual([]);
  });

  it("C1: reaches a handler of all events, whatever its class", async () => {
    const seen: EventBase[] = [];
    const events = createEventBus();
    events.subscribe(EventBase, (event) => seen.push(event));
    await events.publish(deposited());
    await events.publish(gift());
    expect(seen).toStrictEqual([deposited(), gift()]);
  });

  it("C2: without a handler is nothing that anybody notices", async () => {
    const events = createEventBus();
    expect(await events.publish(deposited())).toBeUndefined();
  });

  it("comes with its metadata and the publisher's signal", async () => {
    const told: MessageContext[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, (_, context) => told.push(context));
    const { signal } = new AbortController();
    const event = deposited();
    await events.publish(event, { signal });
    expect(told).toHaveLength(1);
    expect(told[0]?.metadata).toBe(metadataOf(event));
    expect(told[0]?.signal).toBe(signal);
  });

  it("D15: reaches nobody when its publisher gave it up before", async () => {
    const seen: AmountDeposited[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, (event) => seen.push(event));
    expect(await rejectionOf(events.publish(deposited(), { signal: AbortSignal.abort() }))).toMatchObject({ code: "message-canceled" });
    expect(seen).toEqual([]);
  });

  it("may lead a handler to publish another", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, async () => {
      seen.push("deposit begins");
      await events.publish(new AmountWithdrawn({ accountId: "a-1", amount: 1 }));
      seen.push("deposit ends");
    });
    events.subscribe(AmountWithdrawn, () => seen.push("withdrawal"));
    await events.publish(deposited());
    expect(seen).toEqual(["deposit begins", "withdrawal", "deposit ends"]);
  });

  it("is refused when it is not a message", async () => {
    const notAMessage: unknown = { accountId: "a-1", amount: 5 };
    expect(await rejectionOf(createEventBus().publish(notAMessage as AmountDeposited))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("the handlers of an event", () => {
  it("begin in the order in which they subscribed, none waits for another, and each promise is awaited", async () => {
    const steps: string[] = [];
    const events = createEventBus();
    events.subscribe(EventBase, async () => {
      steps.push("first begins");
      await Promise.resolve();
      steps.push("first ends");
    });
    events.subscribe(GiftReceived, () => steps.push("second"));
    events.subscribe(AmountDeposited, () => Promise.resolve().then(() => steps.push("third")));
    await events.publish(gift());
    steps.push("publisher");
    expect(steps).toEqual(["first begins", "second", "first ends", "third", "publisher"]);
  });

  it("do not stop each other when they fail, and the publisher is told of each failure", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    const [full, away] = [new Error("the disk is full"), new Error("the printer is away")];
    events.subscribe(AmountDeposited, function writeStatement() {
      throw full;
    });
    events.subscribe(AmountDeposited, () => seen.push("between"));
    events.subscribe(AmountDeposited, () => Promise.reject(away));
    events.subscribe(AmountDeposited, () => seen.push("last"));
    const failure = await rejectionOf(events.publish(deposited()));
    expect(seen).toEqual(["between", "last"]);
    expect(failure).toBeInstanceOf(EventHandlersFailed);
    expect(failure).toMatchObject({
      code: "event-handlers-failed",
      retryable: false,
      message:
        "2 of the handlers of AmountDeposited failed: writeStatement: the disk is full; a handler without a name: the printer is away",
      details: {
        type: "AmountDeposited",
        failures: ["writeStatement: the disk is full", "a handler without a name: the printer is away"],
      },
      failures: [
        { handler: "writeStatement", error: full },
        { handler: "a handler without a name", error: away },
      ],
    });
    expect((failure as EventHandlersFailed).cause).toBe(full);
  });

  it("are told of in the order of their subscriptions, whichever fails first", async () => {
    const events = createEventBus();
    events.subscribe(AmountDeposited, async function slow() {
      await Promise.resolve();
      throw new Error("later");
    });
    events.subscribe(AmountDeposited, async () => Promise.resolve());
    events.subscribe(AmountDeposited, function quick() {
      throw new Error("at once");
    });
    expect(await rejectionOf(events.publish(deposited()))).toMatchObject({ failures: [{ handler: "slow" }, { handler: "quick" }] });
  });

  it("run again for the next event after they have failed", async () => {
    let runs = 0;
    const events = createEventBus();
    events.subscribe(AmountDeposited, () => {
      runs++;
      throw new Error("every time");
    });
    await rejectionOf(events.publish(deposited()));
    await rejectionOf(events.publish(deposited()));
    expect(runs).toBe(2);
  });
});

describe("a subscription", () => {
  it("C3: ends when its disposer is called; calling that again is harmless; subscribing again restores it once", async () => {
    const seen: AmountDeposited[] = [];
    const events = createEventBus();
    const handler = (event: AmountDeposited): unknown => seen.push(event);
    const end = events.subscribe(AmountDeposited, handler);
    await events.publish(deposited());
    expect(seen).toHaveLength(1);
    end();
    end();
    await events.publish(deposited());
    expect(seen).toHaveLength(1);
    events.subscribe(AmountDeposited, handler);
    await events.publish(deposited());
    expect(seen).toHaveLength(2);
  });

  it("C3: is not ended by the disposer of an earlier one of the same handler", async () => {
    const seen: AmountDeposited[] = [];
    const events = createEventBus();
    const handler = (event: AmountDeposited): unknown => seen.push(event);
    const endFirst = events.subscribe(AmountDeposited, handler);
    endFirst();
    events.subscribe(AmountDeposited, handler);
    endFirst();
    await events.publish(deposited());
    expect(seen).toHaveLength(1);
  });

  it("C3: that ends does not touch those of other handlers and other classes", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    const onBoth = (): unknown => seen.push("both");
    const end = events.subscribe(AmountDeposited, onBoth);
    events.subscribe(AmountWithdrawn, onBoth);
    events.subscribe(AmountDeposited, () => seen.push("other"));
    end();
    await events.publish(deposited());
    await events.publish(new AmountWithdrawn({ accountId: "a-1", amount: 1 }));
    expect(seen).toEqual(["other", "both"]);
  });

  it("C4: of the same handler twice for one class counts once, and either disposer ends it", async () => {
    for (const which of [0, 1]) {
      const seen: AmountDeposited[] = [];
      const events = createEventBus();
      const handler = (event: AmountDeposited): unknown => seen.push(event);
      const ends = [events.subscribe(AmountDeposited, handler), events.subscribe(AmountDeposited, handler)];
      await events.publish(deposited());
      await events.publish(gift());
      expect(seen).toStrictEqual([deposited(), gift()]);
      ends[which]?.();
      await events.publish(deposited());
      expect(seen).toHaveLength(2);
    }
  });

  it("C3: that ends while an event is under way does not get that event any more", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    events.subscribe(AmountDeposited, () => {
      seen.push("first");
      endSecond();
    });
    const endSecond = events.subscribe(AmountDeposited, () => seen.push("second"));
    events.subscribe(AmountDeposited, () => seen.push("third"));
    await events.publish(deposited());
    expect(seen).toEqual(["first", "third"]);
  });

  it("C3: may end itself while it handles an event, and those after it are not skipped", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    const endFirst = events.subscribe(AmountDeposited, () => {
      seen.push("first");
      endFirst();
    });
    events.subscribe(AmountDeposited, () => seen.push("second"));
    await events.publish(deposited());
    await events.publish(deposited());
    expect(seen).toEqual(["first", "second", "second"]);
  });

  it("begins with the next event when it is made while one is under way", async () => {
    const seen: string[] = [];
    const events = createEventBus();
    const late = (): unknown => seen.push("late");
    events.subscribe(AmountDeposited, () => events.subscribe(AmountDeposited, late));
    await events.publish(deposited());
    expect(seen).toEqual([]);
    await events.publish(deposited());
    expect(seen).toEqual(["late"]);
  });
});
