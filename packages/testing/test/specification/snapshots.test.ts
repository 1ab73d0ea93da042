import { AggregateRoot, ChildEntity, Event, type SnapshotSource } from "@reactive-domain/foundation";
import { specify } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { AmountDeposited } from "./accounts.ts";
import { broken } from "./broken.ts";

class SeatAdded extends Event("SeatAdded")<{ seatId: string }> {}
class SeatSold extends Event("SeatSold")<{ seatId: string }> {}

interface HallState {
  readonly paid: number;
  readonly seats: readonly { readonly id: string; readonly isSold: boolean }[];
}

class Seat extends ChildEntity<"seatId"> {
  isSold = false;

  constructor(id: string) {
    super(id, "seatId");
    this.register(SeatSold, () => void (this.isSold = true));
  }
}

/** A hall whose snapshots are whole. */
class Hall extends AggregateRoot implements SnapshotSource<HallState> {
  static readonly type = "Hall";
  readonly seats = this.entities(Seat);
  paid = 0;

  constructor(id: string) {
    super(id);
    this.register(SeatAdded, (event) => void this.seats.add(event.seatId));
    this.register(AmountDeposited, (event) => void (this.paid += event.amount));
  }

  sell(seatId: string, amount: number): void {
    this.raise(new SeatAdded({ seatId }));
    this.raise(new SeatSold({ seatId }));
    this.raise(new AmountDeposited({ amount }));
  }

  takeSnapshot(): HallState {
    return { paid: this.paid, seats: [...this.seats].map(({ id, isSold }) => ({ id, isSold })) };
  }

  restoreFromSnapshot({ paid, seats }: HallState): void {
    this.paid = paid;
    for (const { id, isSold } of seats) this.seats.add(id).isSold = isSold;
  }
}

const given = [new SeatAdded({ seatId: "s-1" }), new SeatSold({ seatId: "s-1" })];
const raised = [new SeatAdded({ seatId: "s-2" }), new SeatSold({ seatId: "s-2" }), new AmountDeposited({ amount: 5 })];

/** What a hall fails with that sells a seat as it should. */
function failureOf(hall: typeof Hall): string {
  const sold = specify(hall)
    .given(given)
    .when((one) => one.sell("s-2", 5));
  return broken(() => sold.then(raised)).message;
}

describe("the snapshots of what is specified", () => {
  it("pass where they are whole, child entities and all", () => {
    specify(Hall)
      .given(given)
      .when((one) => one.sell("s-2", 5))
      .then(raised);
    specify(Hall)
      .when(() => undefined)
      .then([]);
  });

  it("fail where a part is not restored, whatever else is expected", () => {
    class Forgetful extends Hall {
      override restoreFromSnapshot(state: HallState): void {
        super.restoreFromSnapshot({ ...state, paid: 0 });
      }
    }
    expect(failureOf(Forgetful)).toBe(
      [
        'Hall: after 2 events, one.sell("s-2", 5): its snapshot is not whole: an instance that is restored from it tells another one.',
        "Snapshot:",
        "  { paid: 5, seats: [ { id: 's-1', isSold: true }, { id: 's-2', isSold: true } ] }",
        "Snapshot of the restored:",
        "  { paid: 0, seats: [ { id: 's-1', isSold: true }, { id: 's-2', isSold: true } ] }",
      ].join("\n"),
    );
    const sold = specify(Forgetful).when((one) => one.sell("s-2", 5));
    expect(broken(() => sold.then((one) => expect(one.paid).toBe(5))).message).toContain("its snapshot is not whole");
    const refused = specify(Forgetful)
      .given([new AmountDeposited({ amount: 5 })])
      .when(() => {
        throw new RangeError("No.");
      });
    expect(broken(() => refused.then(RangeError)).message).toContain("its snapshot is not whole");
  });

  it.each([
    ["a map", new Map([["s-1", true]]), "$.seats is an instance of Map"],
    ["no number", [Number.NaN], "$.seats[0] is NaN, which JSON turns into null"],
  ])("fail where they hold what JSON changes: %s", (_, seats, problem) => {
    class Odd extends Hall {
      override takeSnapshot(): HallState {
        return { paid: this.paid, seats: seats as never };
      }
    }
    expect(failureOf(Odd)).toContain(`its snapshot holds what JSON does not: ${problem}`);
  });

  it("fail where taking one waits, or tells nothing", () => {
    class Waiting extends Hall {
      override takeSnapshot(): HallState {
        return Promise.resolve(super.takeSnapshot()) as never;
      }
    }
    expect(failureOf(Waiting)).toContain("its snapshot holds what JSON does not: $ is an instance of Promise");
    class Silent extends Hall {
      override takeSnapshot(): HallState {
        return undefined as never;
      }
    }
    expect(failureOf(Silent)).toContain("its snapshot holds what JSON does not: $ is undefined");
  });

  it("fail where taking one raises, or changes the state", () => {
    class Raising extends Hall {
      override takeSnapshot(): HallState {
        this.raise(new AmountDeposited({ amount: 1 }));
        return super.takeSnapshot();
      }
    }
    expect(failureOf(Raising)).toContain("its takeSnapshot raises 1 event: it only tells what there is.");
    class Counting extends Hall {
      override takeSnapshot(): HallState {
        this.paid++;
        return super.takeSnapshot();
      }
    }
    expect(failureOf(Counting)).toContain(
      "its takeSnapshot tells something else the second time: it changes nothing.\nFirst:\n  { paid: 6,",
    );
    class Sharing extends Hall {
      readonly #state = { paid: 0, seats: [] };
      override takeSnapshot(): HallState {
        this.#state.paid++;
        return this.#state;
      }
    }
    expect(failureOf(Sharing)).toContain("its takeSnapshot tells something else the second time");
  });

  it("fail where restoring throws, raises, or waits", () => {
    class Refusing extends Hall {
      override restoreFromSnapshot(): void {
        throw new RangeError("Too old.");
      }
    }
    expect(failureOf(Refusing)).toContain("it cannot be restored from its snapshot: RangeError: Too old.\nSnapshot:\n  { paid: 5,");
    class Raising extends Hall {
      override restoreFromSnapshot(): void {
        this.raise(new AmountDeposited({ amount: 1 }));
      }
    }
    expect(failureOf(Raising)).toContain(
      "it cannot be restored from its snapshot: InvalidArgument (invalid-argument): What raises an event",
    );
    class Waiting extends Hall {
      override restoreFromSnapshot(state: HallState): void {
        super.restoreFromSnapshot(state);
        return Promise.reject(new RangeError("Nobody waits for this.")) as never;
      }
    }
    expect(failureOf(Waiting)).toContain(
      "it cannot be restored from its snapshot: InvalidArgument (invalid-argument): restoreFromSnapshot must be a method that takes the state over at once",
    );
  });

  it("are those of JSON: a field that is undefined may be left out", () => {
    class Noting extends Hall {
      override takeSnapshot(): HallState & { readonly note?: string | undefined } {
        return { ...super.takeSnapshot(), note: undefined };
      }
    }
    specify(Noting)
      .when((one) => one.sell("s-2", 5))
      .then(raised);
  });
});

describe("the options of a specification", () => {
  it("are known ones", () => {
    for (const options of [{ ids: "a" }, null, 5])
      expect(() => specify(Hall, options as never)).toThrow(/The options to specify Hall must be/);
  });
});
