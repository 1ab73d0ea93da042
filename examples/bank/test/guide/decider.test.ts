import { boundedContext, Command, connect, createInMemoryStore, Event, type Decider } from "@reactive-domain/foundation";
import { expect, it } from "vitest";

// #region decider
class SeatReserved extends Event("SeatReserved")<{ seat: number; guest: string }> {}
class SeatReleased extends Event("SeatReleased")<{ seat: number }> {}
class Reserve extends Command("Reserve")<{ seat: number; guest: string }> {}
class Release extends Command("Release")<{ seat: number }> {}

type Seats = ReadonlyMap<number, string>;

const seating: Decider<Reserve | Release, Seats, SeatReserved | SeatReleased> = {
  type: "Seating",
  initial: new Map(),
  evolve(seats, event) {
    if (event instanceof SeatReserved) return new Map(seats).set(event.seat, event.guest);
    if (event instanceof SeatReleased) return new Map([...seats].filter(([seat]) => seat !== event.seat));
    return event satisfies never; // the compiler asks for every event
  },
  decide(command, seats) {
    if (command instanceof Release) return seats.has(command.seat) ? [new SeatReleased({ seat: command.seat })] : [];
    if (seats.has(command.seat)) throw new Error(`Seat ${command.seat} is taken.`);
    return [new SeatReserved({ seat: command.seat, guest: command.guest })];
  },
};
// #endregion

it("a decider is loaded and saved as an aggregate is", async () => {
  await using store = createInMemoryStore();
  // #region use
  const theatre = connect(boundedContext("theatre", { aggregates: [seating], events: [SeatReserved, SeatReleased] }), store);
  const seats = theatre.deciderRepository(seating);

  await seats.handle("evening-1", new Reserve({ seat: 4, guest: "Ann" }));
  const state = await seats.stateOf("evening-1");
  // #endregion
  expect([...state]).toEqual([[4, "Ann"]]);
  await expect(seats.handle("evening-1", new Reserve({ seat: 4, guest: "Ben" }))).rejects.toThrow("Seat 4 is taken.");
  await seats.handle("evening-1", new Release({ seat: 4 }));
  expect((await seats.stateOf("evening-1")).size).toBe(0);
});
