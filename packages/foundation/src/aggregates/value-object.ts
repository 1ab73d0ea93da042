import { isDeepStrictEqual } from "node:util";

/**
 * A value with a name: two of one class with equal fields are the same. Its fields are `readonly`, and a change makes a new one.
 *
 * @example
 * class Money extends ValueObject {
 *   constructor(readonly amount: number, readonly currency: string) { super(); }
 *   plus(other: Money): Money { return new Money(this.amount + other.amount, this.currency); }
 * }
 * new Money(1, "EUR").equals(new Money(1, "EUR")); // true
 */
export abstract class ValueObject {
  /** Whether the other is of the same class, and all public fields are equal, also those of what they hold. */
  equals(other: unknown): boolean {
    return isDeepStrictEqual(this, other);
  }
}
