import { ValueObject } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

class Money extends ValueObject {
  readonly amount: number;
  readonly currency: string;

  constructor(amount: number, currency: string) {
    super();
    this.amount = amount;
    this.currency = currency;
  }
}

class Points extends ValueObject {
  readonly amount: number;
  readonly currency: string;

  constructor(amount: number, currency: string) {
    super();
    this.amount = amount;
    this.currency = currency;
  }
}

class Price extends ValueObject {
  readonly parts: readonly Money[];
  readonly since: Date;

  constructor(parts: readonly Money[], since: Date) {
    super();
    this.parts = parts;
    this.since = since;
  }
}

describe("a value object", () => {
  it("equals another of its class with equal fields, and nothing else", () => {
    const money = new Money(1, "EUR");
    expect(money.equals(new Money(1, "EUR"))).toBe(true);
    expect(money.equals(new Money(2, "EUR"))).toBe(false);
    expect(money.equals(new Money(1, "USD"))).toBe(false);
    expect(money.equals(new Points(1, "EUR"))).toBe(false);
    for (const other of [undefined, null, 1, { amount: 1, currency: "EUR" }]) expect(money.equals(other)).toBe(false);
  });

  it("equals by what its fields hold, as deep as that goes", () => {
    const price = (amount: number, ms: number): Price => new Price([new Money(amount, "EUR")], new Date(ms));
    expect(price(1, 5).equals(price(1, 5))).toBe(true);
    expect(price(1, 5).equals(price(2, 5))).toBe(false);
    expect(price(1, 5).equals(price(1, 6))).toBe(false);
  });
});
