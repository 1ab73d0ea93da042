import { AggregateRoot, ChildEntity, Event, InvalidArgument, restoreSnapshotOf } from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

class SeatAdded extends Event("SeatAdded")<{ seatId: string }> {}

class Seat extends ChildEntity<"seatId"> {
  constructor(id: string) {
    super(id, "seatId");
  }
}

class Hall extends AggregateRoot {
  static readonly type = "Hall";
  readonly seats = this.entities(Seat);

  takeSnapshot(): readonly string[] {
    return [...this.seats].map(({ id }) => id);
  }

  restoreFromSnapshot(ids: readonly string[]): unknown {
    for (const id of ids) this.seats.add(id);
    return undefined;
  }

  add(seatId: string): void {
    this.raise(new SeatAdded({ seatId }));
  }
}

describe("a snapshot that is restored", () => {
  it("adds child entities, which nobody else may outside of a route", () => {
    const hall = new Hall("h-1");
    expect(() => hall.restoreFromSnapshot(["s-1"])).toThrow(InvalidArgument);
    restoreSnapshotOf(hall, ["s-1", "s-2"]);
    expect(hall.takeSnapshot()).toEqual(["s-1", "s-2"]);
    hall.add("s-3");
    expect(hall.pendingEvents).toHaveLength(1);
  });

  it("raises nothing", () => {
    class Raising extends Hall {
      override restoreFromSnapshot(): void {
        this.add("s-1");
      }
    }
    const hall = new Raising("h-1");
    expect(() => restoreSnapshotOf(hall, [])).toThrow(InvalidArgument);
    expect(hall.pendingEvents).toEqual([]);
  });

  it("is restored at once: a promise is refused, and what it rejects with is nobody's", () => {
    class Waiting extends Hall {
      override async restoreFromSnapshot(): Promise<void> {
        throw new RangeError("Nobody waits for this.");
      }
    }
    expect(() => restoreSnapshotOf(new Waiting("h-1"), [])).toThrow(
      'restoreFromSnapshot must be a method that takes the state over at once, but is "one that answers with a promise".',
    );
  });
});
