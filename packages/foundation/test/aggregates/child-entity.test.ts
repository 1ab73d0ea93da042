import { AggregateRoot, boundedContext, ChildEntity, connect, Event, unroutedEvents, version } from "@reactive-domain/foundation";
import fc from "fast-check";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { refusalOf } from "../banking.ts";

class SeatAdded extends Event("SeatAdded")<{ seatId: string; row: number }> {}
class SeatRemoved extends Event("SeatRemoved")<{ seatId: string }> {}
class SeatReserved extends Event("SeatReserved")<{ seatId: string; guest: string }> {}
class HallClosed extends Event("HallClosed")<{ hallId: string }> {}

class Seat extends ChildEntity<"seatId"> {
  row = 0;
  guest: string | undefined;
  reservations = 0;

  constructor(id: string) {
    super(id, "seatId");
    this.register(SeatAdded, ({ row }) => (this.row = row));
    this.register(SeatReserved, ({ guest }) => {
      this.guest = guest;
      this.reservations++;
    });
  }

  reserve(guest: string, seatId = this.id): void {
    if (this.guest !== undefined) throw new Error(`Seat ${this.id} is taken.`);
    this.raise(new SeatReserved({ seatId, guest }));
  }
}

class Hall extends AggregateRoot {
  static readonly type = "Hall";
  readonly seats = this.entities(Seat);
  reserved = 0;

  constructor(id: string) {
    super(id, { strictRoutes: true });
    this.register(SeatAdded, ({ seatId }) => void this.seats.add(seatId));
    this.register(SeatRemoved, ({ seatId }) => this.seats.remove(seatId));
  }

  addSeat(seatId: string, row: number): void {
    this.raise(new SeatAdded({ seatId, row }));
  }

  removeSeat(seatId: string): void {
    this.raise(new SeatRemoved({ seatId }));
  }

  close(): void {
    this.raise(new HallClosed({ hallId: this.id }));
  }
}

const theatre = boundedContext("theatre", { aggregates: [Hall], events: [SeatAdded, SeatRemoved, SeatReserved, HallClosed] });

function hallWith(...seats: readonly string[]): Hall {
  const hall = new Hall("h-1");
  for (const [row, seat] of seats.entries()) hall.addSeat(seat, row);
  return hall;
}

const picture = (hall: Hall): unknown => Array.from(hall.seats, ({ id, row, guest, reservations }) => ({ id, row, guest, reservations }));

describe("child entities", () => {
  it("A14: raise events on the stream of their root, and only the one with that id changes", () => {
    const hall = hallWith("s-1", "s-2");
    hall.seats.get("s-1")?.reserve("Ann");
    expect(hall.pendingEvents.at(-1)).toEqual(new SeatReserved({ seatId: "s-1", guest: "Ann" }));
    expect(picture(hall)).toEqual([
      { id: "s-1", row: 0, guest: "Ann", reservations: 1 },
      { id: "s-2", row: 1, guest: undefined, reservations: 0 },
    ]);
    expect(refusalOf(() => hall.seats.get("s-1")?.reserve("Ben"))).toMatchObject({ message: "Seat s-1 is taken." });
    expect(hall.pendingEvents).toHaveLength(3);
  });

  it("that are gone get no event any more, and a new one of the same id starts anew", () => {
    const hall = hallWith("s-1");
    const gone = hall.seats.get("s-1");
    gone?.reserve("Ann");
    hall.removeSeat("s-1");
    hall.addSeat("s-1", 7);
    hall.seats.get("s-1")?.reserve("Ben");
    expect(gone).toMatchObject({ guest: "Ann", reservations: 1 });
    expect(picture(hall)).toEqual([{ id: "s-1", row: 7, guest: "Ben", reservations: 1 }]);
  });

  it("refuse an event of another, and record nothing", () => {
    const hall = hallWith("s-1", "s-2");
    expect(refusalOf(() => hall.seats.get("s-1")?.reserve("Ann", "s-2"))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The seatId of an event of Seat s-1" },
    });
    expect(hall.pendingEvents).toHaveLength(2);
    expect(hall.seats.get("s-2")?.guest).toBeUndefined();
  });

  it("come and go by routes of their root only", () => {
    const hall = hallWith("s-1");
    expect(refusalOf(() => hall.seats.add("s-2"))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => hall.seats.remove("s-1"))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => hallWith("s-1").addSeat("s-1", 1))).toMatchObject({ code: "invalid-argument" });
    expect(refusalOf(() => hallWith("s-1").removeSeat("s-9"))).toMatchObject({ code: "invalid-argument" });
    expect(hall.seats.size).toBe(1);
    expect(hall.pendingEvents).toHaveLength(1);
  });

  it("raise nothing without a root", () => {
    expect(refusalOf(() => new Seat("s-1").reserve("Ann"))).toMatchObject({
      code: "invalid-argument",
      details: { argument: "The root of Seat s-1" },
    });
    expect(refusalOf(() => new Seat(" "))).toMatchObject({ code: "invalid-argument" });
  });

  it("count as routes of their root, also before there is one", () => {
    expect(unroutedEvents(Hall, [SeatAdded, SeatRemoved, SeatReserved, HallClosed])).toEqual(["HallClosed"]);
    expect(refusalOf(() => hallWith().close())).toMatchObject({ code: "event-not-routed" });
  });

  it("fold any history as they folded it when it happened", () => {
    const step = fc.record({ what: fc.constantFrom("add", "remove", "reserve"), seat: fc.constantFrom("a", "b", "c"), guest: fc.string() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const hall = new Hall("h-1");
        for (const { what, seat, guest } of steps) {
          const known = hall.seats.get(seat);
          if (what === "add" && known === undefined) hall.addSeat(seat, 1);
          if (what === "remove" && known !== undefined) hall.removeSeat(seat);
          if (what === "reserve" && known?.guest === undefined) known?.reserve(guest);
        }
        const events = hall.pendingEvents;
        fc.pre(events.length > 0);
        const again = new Hall("h-1");
        again.restoreFromEvents(events, version(events.length - 1));
        expect(picture(again)).toEqual(picture(hall));
      }),
    );
  });
});

describe.each(everyStore)("child entities in $name", ({ open }) => {
  it("A14: come back from their root's history as they were", async () => {
    const halls = connect(theatre, await open()).repository(Hall);
    const hall = hallWith("s-1", "s-2", "s-3");
    hall.seats.get("s-2")?.reserve("Ann");
    hall.removeSeat("s-3");
    await halls.save(hall);
    const again = await halls.getById("h-1");
    expect(picture(again)).toEqual(picture(hall));
    expect(again.seats.size).toBe(2);
    expect(again.seats.has("s-3")).toBe(false);
  });
});
