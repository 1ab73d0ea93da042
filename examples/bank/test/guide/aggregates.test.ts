import { AggregateRoot, ChildEntity, Event, ReactiveDomainError, unroutedEvents, ValueObject } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

class SeatAdded extends Event("SeatAdded")<{ seatId: string; row: number }> {}
class SeatReserved extends Event("SeatReserved")<{ seatId: string; guest: string }> {}
class HallCleaned extends Event("HallCleaned")<{ hallId: string }> {}

// #region entity
class Seat extends ChildEntity<"seatId"> {
  #guest: string | undefined;

  constructor(id: string) {
    super(id, "seatId"); // the field of its events that tells whose they are
    this.register(SeatReserved, (event) => {
      this.#guest = event.guest;
    });
  }

  get isFree(): boolean {
    return this.#guest === undefined;
  }

  reserve(guest: string): void {
    if (!this.isFree) throw new Error(`Seat ${this.id} is taken.`);
    this.raise(new SeatReserved({ seatId: this.id, guest }));
  }
}
// #endregion

// #region root
class Hall extends AggregateRoot {
  static readonly type = "Hall";
  readonly #seats = this.entities(Seat);

  constructor(id: string) {
    super(id, { strictRoutes: true });
    this.register(SeatAdded, (event) => void this.#seats.add(event.seatId));
    this.passThrough(HallCleaned); // recorded, and changes nothing here
  }

  addSeat(seatId: string, row: number): void {
    if (this.#seats.has(seatId)) throw new Error(`There is a seat ${seatId}.`);
    this.raise(new SeatAdded({ seatId, row }));
  }

  reserve(seatId: string, guest: string): void {
    const seat = this.#seats.get(seatId);
    if (seat === undefined) throw new Error(`There is no seat ${seatId}.`);
    seat.reserve(guest);
  }

  get freeSeats(): number {
    return [...this.#seats].filter((seat) => seat.isFree).length;
  }
}
// #endregion

// #region money
class Money extends ValueObject {
  readonly amount: number;
  readonly currency: string;

  constructor(amount: number, currency: string) {
    super();
    this.amount = amount;
    this.currency = currency;
  }

  plus(other: Money): Money {
    if (other.currency !== this.currency) throw new Error(`${other.currency} is not ${this.currency}.`);
    return new Money(this.amount + other.amount, this.currency);
  }
}
// #endregion

// #region error
class SeatTaken extends ReactiveDomainError {
  static readonly code = "seat-taken";

  constructor(seatId: string, cause?: unknown) {
    super(SeatTaken.code, `Seat ${seatId} is taken. Choose another one.`, { details: { seatId }, cause });
  }
}
// #endregion

describe("the guide's aggregates", () => {
  it("have errors of their own", () => {
    const cause = new RangeError("Full.");
    const error: ReactiveDomainError = new SeatTaken("s-1", cause);
    expect(error).toMatchObject({ name: "SeatTaken", code: "seat-taken", retryable: false, details: { seatId: "s-1" }, cause });
    expect(new SeatTaken("s-1")).not.toHaveProperty("cause");
  });

  it("have child entities", () => {
    const hall = new Hall("h-1");
    hall.addSeat("s-1", 1);
    hall.addSeat("s-2", 1);
    hall.reserve("s-1", "Ann");
    expect(hall.freeSeats).toBe(1);
    expect(() => hall.reserve("s-1", "Ben")).toThrow("taken");
    expect(() => hall.reserve("s-9", "Ben")).toThrow("no seat");
    expect(() => hall.addSeat("s-1", 1)).toThrow("There is");
  });

  it("have all their routes", () => {
    // #region prove
    expect(unroutedEvents(Hall, [SeatAdded, SeatReserved, HallCleaned])).toEqual([]);
    // #endregion
  });

  it("hold values", () => {
    // #region equals
    const sum = new Money(1, "EUR").plus(new Money(2, "EUR"));
    const isThree = sum.equals(new Money(3, "EUR")); // true
    // #endregion
    expect(isThree).toBe(true);
    expect(() => sum.plus(new Money(1, "USD"))).toThrow("USD");
  });
});
