import {
  boundedContext,
  Command,
  CommandAlreadyApplied,
  connect,
  createCommandBus,
  createInMemoryStore,
  Event,
  MessageBuilder,
  metadataOf,
  type Decider,
} from "@reactive-domain/foundation";
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

it("a decider is two functions, which a test calls without a store", () => {
  // #region alone
  const taken = seating.evolve(seating.initial, new SeatReserved({ seat: 4, guest: "Ann" }));
  const [released] = seating.decide(new Release({ seat: 4 }), taken);
  // #endregion
  expect([...taken]).toEqual([[4, "Ann"]]);
  expect(released).toBeInstanceOf(SeatReleased);
  expect(() => seating.decide(new Reserve({ seat: 4, guest: "Ben" }), taken)).toThrow("Seat 4 is taken.");
});

it("a decider's repository decides again, and carries a command out once", async () => {
  await using store = createInMemoryStore();
  const theatre = connect(boundedContext("theatre", { aggregates: [seating], events: [SeatReserved, SeatReleased] }), store);
  const seats = theatre.deciderRepository(seating);
  const commands = createCommandBus();
  // #region handler
  commands.handle(Reserve, async (command) => {
    await seats.handle("evening-1", command, { attempts: 10 });
  });
  // #endregion
  const both = [1, 2].map((seat) => commands.send(new Reserve({ seat, guest: "Ann" })));
  await Promise.all(both);
  expect((await seats.stateOf("evening-1")).size).toBe(2);
  const again = MessageBuilder.create(new Reserve({ seat: 3, guest: "Ann" }));
  await commands.send(again);
  const { id } = metadataOf(again);
  const repeated = MessageBuilder.create(new Reserve({ seat: 3, guest: "Ann" }), { id });
  await expect(commands.send(repeated)).rejects.toMatchObject({ cause: expect.any(CommandAlreadyApplied) });
});

it("the state of a decider may be kept", async () => {
  await using store = createInMemoryStore();
  // #region snapshots
  const keptSeating: typeof seating = {
    ...seating,
    snapshots: {
      schemaVersion: 1,
      everyEvents: 50,
      take: (seats) => [...seats], // a state that is JSON data needs neither
      restore: (data) => new Map(data as [number, string][]),
    },
  };
  // #endregion
  const theatre = connect(boundedContext("theatre", { aggregates: [keptSeating], events: [SeatReserved, SeatReleased] }), store);
  const seats = theatre.deciderRepository(keptSeating);
  for (let seat = 1; seat <= 50; seat++) await seats.handle("evening-1", new Reserve({ seat, guest: "Ann" }));
  await theatre.idle();
  expect(await store.snapshot("theatre.seating-evening-1")).toMatchObject({ version: 49, schemaVersion: 1 });
  await seats.handle("evening-1", new Release({ seat: 1 }));
  expect((await seats.stateOf("evening-1")).size).toBe(49);
});
