import { withRuntime } from "@reactive-domain/core";
import { classOf, CommandBase, correlate, Event, EventBase, MessageBase, metadataOf, QueryBase } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import {
  AmountDeposited,
  AmountWithdrawn,
  BalanceOf,
  CloseAccount,
  Deposit,
  ForceClose,
  GiftReceived,
  OpenAccount,
  PastBalanceOf,
} from "./banking.ts";
import { HandSetRuntime } from "./hand-set-runtime.ts";
import { refusalOf } from "./refusal.ts";

const payload = { accountId: "a-1", amount: 5 };

/** Makes a message from what a wire or an untyped caller may hand in. */
const fromUntyped = (value: unknown): AmountDeposited => new AmountDeposited(value as typeof payload);

describe("the payload of a message", () => {
  it("is all that its own properties are", () => {
    const event = new AmountDeposited(payload);
    expect(Object.keys(event)).toEqual(["accountId", "amount"]);
    expect(Reflect.ownKeys(event)).toEqual(["accountId", "amount"]);
    expect({ ...event }).toStrictEqual(payload);
  });

  it("is all that JSON sees, also after the metadata was made", () => {
    const event = new AmountDeposited(payload);
    metadataOf(event);
    expect(JSON.stringify(event)).toBe('{"accountId":"a-1","amount":5}');
  });

  it("decides equality: messages of one class with one payload are equal, whatever their ids", () => {
    const [one, other] = [new AmountDeposited(payload), new AmountDeposited(payload)];
    expect(metadataOf(one).id).not.toBe(metadataOf(other).id);
    expect(one).toStrictEqual(other);
    expect(one).toEqual(payload);
    expect(one).not.toEqual(new AmountDeposited({ ...payload, amount: 6 }));
    expect(one).not.toStrictEqual(new AmountWithdrawn(payload));
  });

  it("is copied: a later change of the object it was made from does not reach the message", () => {
    const source = { ...payload };
    const event = new AmountDeposited(source);
    source.amount = 99;
    expect(event.amount).toBe(5);
  });

  it("may have fields with the names of what stands on classes, and the message keeps its class", () => {
    class SeasonWon extends Event("SeasonWon")<{ constructor: string; type: string; definition: string }> {}
    const event = new SeasonWon({ constructor: "Ferrari", type: "championship", definition: "most points" });
    expect({ ...event }).toStrictEqual({ constructor: "Ferrari", type: "championship", definition: "most points" });
    expect(classOf(event)).toBe(SeasonWon);
  });

  it.each([
    ["null", null],
    ["undefined", undefined],
    ["an array", [payload]],
    ["a text", "a-1"],
    ["a number", 5],
    ["a function", () => payload],
  ])("is refused when it is %s", (_, value) => {
    expect(refusalOf(() => fromUntyped(value))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("The payload of AmountDeposited"),
    });
  });

  it("is refused when JSON gave it an own key __proto__", () => {
    const hostile: unknown = JSON.parse('{"accountId":"a-1","amount":5,"__proto__":{"admin":true}}');
    expect(refusalOf(() => fromUntyped(hostile))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("__proto__"),
    });
  });
});

describe("the class of a message", () => {
  it("has its type name at run time, independent of the name of the class", () => {
    class Renamed extends Event("account-frozen")<{ accountId: string }> {}
    expect(Renamed.type).toBe("account-frozen");
    expect(classOf(new Renamed({ accountId: "a-1" })).type).toBe("account-frozen");
  });

  it.each([
    ["an event", new AmountDeposited(payload), EventBase, CommandBase],
    ["a command", new Deposit(payload), CommandBase, QueryBase],
    ["a query", new BalanceOf({ accountId: "a-1" }), QueryBase, EventBase],
  ])("makes %s an instance of the base of its kind and of no other", (_, message, ownBase, otherBase) => {
    expect(message).toBeInstanceOf(MessageBase);
    expect(message).toBeInstanceOf(ownBase);
    expect(message).not.toBeInstanceOf(otherBase);
  });

  it("is found of a message, and of nothing else", () => {
    expect(classOf(new OpenAccount({ owner: "Ann" }))).toBe(OpenAccount);
    const notAMessage: unknown = { accountId: "a-1" };
    expect(refusalOf(() => classOf(notAMessage as AmountDeposited))).toMatchObject({ code: "invalid-argument" });
  });
});

describe("a derived message", () => {
  it("is also a message of its base, with the fields of both", () => {
    const gift = new GiftReceived({ ...payload, from: "Bob" });
    expect(gift).toBeInstanceOf(AmountDeposited);
    expect({ ...gift }).toStrictEqual({ ...payload, from: "Bob" });
    expect(classOf(gift).type).toBe("GiftReceived");
    expect(new AmountDeposited(payload)).not.toBeInstanceOf(GiftReceived);
  });

  it("may be a command or a query", () => {
    expect(new ForceClose({ accountId: "a-1", orderedBy: "court" })).toBeInstanceOf(CloseAccount);
    expect(new PastBalanceOf({ accountId: "a-1", timeMs: 0 })).toBeInstanceOf(BalanceOf);
    expect([ForceClose.type, PastBalanceOf.type]).toEqual(["ForceClose", "PastBalanceOf"]);
  });

  it("may be derived from further", () => {
    class BequestReceived extends Event("BequestReceived", { extends: GiftReceived })<{ probateId: string }> {}
    const bequest = new BequestReceived({ ...payload, from: "Eve", probateId: "p-1" });
    expect(bequest).toBeInstanceOf(GiftReceived);
    expect(bequest).toBeInstanceOf(AmountDeposited);
    expect(bequest).toBeInstanceOf(EventBase);
  });
});

describe("the metadata of a message", () => {
  it("B1: two messages have ids that are not empty and differ, and no cause, actor or custom metadata until those are written", () => {
    const [one, other] = [metadataOf(new AmountDeposited(payload)), metadataOf(new AmountDeposited(payload))];
    expect(one.id).not.toBe("");
    expect(other.id).not.toBe("");
    expect(one.id).not.toBe(other.id);
    expect(Object.keys(one).toSorted()).toEqual(["correlationId", "id", "timeMs"]);
  });

  it("B1: is made when it is first asked for, and stays the same from then on", () => {
    const runtime = new HandSetRuntime(1_000);
    withRuntime(runtime, () => {
      const event = new AmountDeposited(payload);
      expect(runtime.idsMade).toBe(0);
      const metadata = metadataOf(event);
      expect(metadata).toEqual({ id: "id-1", correlationId: "id-1", timeMs: 1_000 });
      expect(metadataOf(event)).toBe(metadata);
      expect(runtime.idsMade).toBe(1);
    });
  });

  it("tells the time at which the message was made, not at which somebody asked", () => {
    const runtime = new HandSetRuntime(1_000);
    withRuntime(runtime, () => {
      const event = new AmountDeposited(payload);
      runtime.nowMs = 9_000;
      expect(metadataOf(event).timeMs).toBe(1_000);
    });
  });

  it("keeps the time at which the message was made when it enters a chain later", () => {
    const runtime = new HandSetRuntime(1_000);
    withRuntime(runtime, () => {
      const event = new AmountDeposited(payload);
      runtime.nowMs = 9_000;
      correlate(event, { correlationId: "c-1", causationId: "m-1" }, () => "e-1");
      expect(metadataOf(event)).toEqual({ id: "e-1", correlationId: "c-1", causationId: "m-1", timeMs: 1_000 });
    });
  });

  it("asks for the id of a correlated message when somebody looks, and only once", () => {
    let asked = 0;
    const event = correlate(new AmountDeposited(payload), { correlationId: "c-1", causationId: "m-1" }, () => `e-${++asked}`);
    expect(asked).toBe(0);
    expect([metadataOf(event).id, metadataOf(event).id]).toEqual(["e-1", "e-1"]);
  });
});
