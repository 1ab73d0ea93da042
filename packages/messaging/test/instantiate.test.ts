import type { MessageMetadata } from "@reactive-domain/core";
import { Command, Event, instantiate, MessageBuilder, metadataOf } from "@reactive-domain/messaging";
import { describe, expect, it } from "vitest";
import { AmountDeposited, CloseAccount, GiftReceived } from "./banking.ts";
import { refusalOf } from "./refusal.ts";

const payload = { accountId: "a-1", amount: 5 };
const stored: MessageMetadata = {
  id: "m-2",
  correlationId: "m-1",
  causationId: "m-1",
  timeMs: 1_000,
  actor: "ann",
  custom: { branch: "north" },
};

describe("a message that was read", () => {
  it("is of its class and has the payload and the metadata that were stored", () => {
    const event = instantiate(AmountDeposited, payload, stored);
    expect(event).toStrictEqual(new AmountDeposited(payload));
    expect(metadataOf(event)).toBe(stored);
  });

  it("B5: keeps its ids over JSON", () => {
    const event = MessageBuilder.from(new CloseAccount({ accountId: "a-1" })).create(new AmountDeposited(payload));
    const line = JSON.stringify({ payload: event, metadata: metadataOf(event) });
    const read = JSON.parse(line) as { payload: object; metadata: MessageMetadata };
    const back = instantiate(AmountDeposited, read.payload, read.metadata);
    expect(back).toStrictEqual(event);
    expect(metadataOf(back)).toEqual(metadataOf(event));
  });

  it("does not decode its metadata until somebody asks, and then once", () => {
    let decoded = 0;
    const event = instantiate(AmountDeposited, payload, () => {
      decoded++;
      return stored;
    });
    expect(event.amount).toBe(5);
    expect(JSON.stringify(event)).toBe(JSON.stringify(payload));
    expect(decoded).toBe(0);
    expect(metadataOf(event)).toBe(stored);
    expect(metadataOf(event)).toBe(stored);
    expect(decoded).toBe(1);
  });

  it("has its metadata made of what it was read from, when somebody asks, and once", () => {
    const asked: unknown[] = [];
    const decode = (origin: { readonly id: string }): MessageMetadata => {
      asked.push(origin);
      return { ...stored, id: origin.id };
    };
    const [one, other] = ["m-7", "m-8"].map((id) => instantiate(AmountDeposited, payload, decode, { id }));
    expect(asked).toEqual([]);
    expect([metadataOf(other as AmountDeposited).id, metadataOf(one as AmountDeposited).id]).toEqual(["m-8", "m-7"]);
    expect(metadataOf(one as AmountDeposited)).toBe(metadataOf(one as AmountDeposited));
    expect(asked).toEqual([{ id: "m-8" }, { id: "m-7" }]);
    expect(one).toStrictEqual(new AmountDeposited(payload));
  });

  it("may be a derived one", () => {
    const gift = instantiate(GiftReceived, { ...payload, from: "Bob" }, stored);
    expect(gift).toBeInstanceOf(AmountDeposited);
    expect(gift.from).toBe("Bob");
  });

  it("cannot be led to by another message than it was: what happened stays as it happened", () => {
    const event = instantiate(AmountDeposited, payload, () => stored);
    const other = new CloseAccount({ accountId: "a-1" });
    expect(refusalOf(() => MessageBuilder.from(other).create(event))).toMatchObject({ code: "already-correlated" });
    expect(metadataOf(event)).toBe(stored);
  });

  it("is refused when its payload carries an own key __proto__", () => {
    const hostile = JSON.parse('{"__proto__":{"admin":true}}') as object;
    expect(refusalOf(() => instantiate(AmountDeposited, hostile, stored))).toMatchObject({ code: "invalid-argument" });
  });

  it("is made without the constructor that its class has for new ones", () => {
    class Greet extends Command("Greet")<{ who: string }> {
      constructor(who: string) {
        super({ who: who.trim() });
      }
    }
    class GreetLoudly extends Command("GreetLoudly", { extends: Greet })<{ times: number }> {}
    const command = instantiate(Greet, { ...new Greet(" ann ") }, stored);
    expect(command).toBeInstanceOf(Greet);
    expect(command).toStrictEqual(new Greet("ann"));
    expect(metadataOf(command)).toBe(stored);
    const loud = instantiate(GreetLoudly, { who: "ann", times: 2 }, stored);
    expect({ ...loud }).toEqual({ who: "ann", times: 2 });
    expect(loud).toBeInstanceOf(Greet);
  });

  it("keeps what was stored, whatever its class begins with today", () => {
    class Priced extends Event("Priced")<{ amount: number }> {
      readonly currency: string = "EUR";
      get text(): string {
        return `${this.amount} ${this.currency}`;
      }
    }
    expect({ ...new Priced({ amount: 5 }) }).toEqual({ amount: 5, currency: "EUR" });
    expect(instantiate(Priced, { amount: 5, currency: "DEM" }, stored).text).toBe("5 DEM");
  });
});
