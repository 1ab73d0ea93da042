import {
  AggregateRoot,
  boundedContext,
  ChildEntity,
  connect,
  createInMemoryStore,
  Event,
  version,
  type SnapshotFacts,
  type SnapshotPolicy,
  type SnapshotSource,
} from "@reactive-domain/foundation";
import { describe, expect, it } from "vitest";

class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
class ContractFulfilled extends Event("ContractFulfilled")<{ part: number }> {}
class ContractClosed extends Event("ContractClosed")<{ contractId: string }> {}
class SeatAdded extends Event("SeatAdded")<{ seatId: string }> {}
class SeatReserved extends Event("SeatReserved")<{ seatId: string; guest: string }> {}

// #region source
interface AccountState {
  readonly balance: number;
}

class Account extends AggregateRoot implements SnapshotSource<AccountState> {
  static readonly type = "Account";
  static readonly snapshots: SnapshotPolicy = { schemaVersion: 1, everyEvents: 100 };
  #balance = 0;

  constructor(id: string) {
    super(id);
    this.register(AmountDeposited, (event) => void (this.#balance += event.amount));
  }

  takeSnapshot(): AccountState {
    return { balance: this.#balance }; // JSON data: all that the routes have made
  }

  restoreFromSnapshot({ balance }: AccountState): void {
    this.#balance = balance;
  }
  // …
  // #endregion

  get balance(): number {
    return this.#balance;
  }

  deposit(amount: number): void {
    this.raise(new AmountDeposited({ accountId: this.id, amount }));
  }
}

class Contract extends AggregateRoot implements SnapshotSource<{ readonly isClosed: boolean }> {
  static readonly type = "Contract";
  // #region policy
  static readonly snapshots: SnapshotPolicy = { schemaVersion: 1, slowerThanMs: 50 }; // and not by number
  #isClosed = false;

  wantsSnapshot({ events }: SnapshotFacts): boolean {
    return this.#isClosed && events > 0; // nothing comes behind
  }
  // #endregion

  constructor(id: string) {
    super(id);
    this.register(ContractClosed, () => void (this.#isClosed = true));
  }

  takeSnapshot(): { readonly isClosed: boolean } {
    return { isClosed: this.#isClosed };
  }

  restoreFromSnapshot({ isClosed }: { readonly isClosed: boolean }): void {
    this.#isClosed = isClosed;
  }

  deliver(): void {
    this.raise(new ContractFulfilled({ part: 1 }));
  }

  close(): void {
    this.raise(new ContractClosed({ contractId: this.id }));
  }
}

class Seat extends ChildEntity<"seatId"> {
  guest: string | undefined;

  constructor(id: string) {
    super(id, "seatId");
    this.register(SeatReserved, (event) => void (this.guest = event.guest));
  }

  reserve(guest: string): void {
    this.raise(new SeatReserved({ seatId: this.id, guest }));
  }
}

type HallState = readonly { readonly seatId: string; readonly guest: string | null }[];

class Hall extends AggregateRoot implements SnapshotSource<HallState> {
  static readonly type = "Hall";
  static readonly snapshots: SnapshotPolicy = { schemaVersion: 1, everyEvents: 3 };
  readonly #seats = this.entities(Seat);

  constructor(id: string) {
    super(id);
    this.register(SeatAdded, (event) => void this.#seats.add(event.seatId));
  }

  // #region entities
  takeSnapshot(): HallState {
    return [...this.#seats].map(({ id, guest = null }) => ({ seatId: id, guest }));
  }

  restoreFromSnapshot(seats: HallState): void {
    for (const { seatId, guest } of seats) this.#seats.add(seatId).guest = guest ?? undefined; // as in a route
  }
  // #endregion

  addSeat(seatId: string): void {
    this.raise(new SeatAdded({ seatId }));
  }

  guestOf(seatId: string): string | undefined {
    return this.#seats.get(seatId)?.guest;
  }

  reserve(seatId: string, guest: string): void {
    this.#seats.get(seatId)?.reserve(guest);
  }
}

let restored = 0;

class WatchedAccount extends Account {
  override restoreFromSnapshot(state: AccountState): void {
    restored++;
    super.restoreFromSnapshot(state);
  }
}

const banking = boundedContext("banking", {
  aggregates: [WatchedAccount, Contract, Hall],
  events: [AmountDeposited, ContractFulfilled, ContractClosed, SeatAdded, SeatReserved],
});

function openBank() {
  const store = createInMemoryStore();
  return { store, bank: connect(banking, store) };
}

describe("the guide's snapshots", () => {
  it("are written when they are due, and read with the events behind them", async () => {
    const { store, bank } = openBank();
    const accounts = bank.repository(WatchedAccount);
    const account = new WatchedAccount("a");
    for (let count = 0; count < 150; count++) account.deposit(1);
    // #region idle
    await accounts.save(account); // answers as soon as the events are written
    await bank.idle(); // the snapshot is written, too
    const kept = await store.snapshot("banking.account-a"); // of version 149
    // #endregion
    expect(kept).toMatchObject({ name: "banking.account-a", version: 149, schemaVersion: 1, data: '{"balance":150}' });
    await accounts.update("a", (one) => one.deposit(1));
    expect((await accounts.getById("a")).balance).toBe(151);
    expect(restored).toBe(2);
    expect((await accounts.getById("a", { asOf: { version: version(9) } })).balance).toBe(10);
    expect(restored).toBe(2);
  });

  it("are written when the aggregate wants one", async () => {
    const { store, bank } = openBank();
    const contracts = bank.repository(Contract);
    const contract = new Contract("a");
    for (let count = 0; count < 150; count++) contract.deliver();
    await contracts.save(contract);
    await bank.idle();
    expect(await store.snapshot("banking.contract-a")).toBeUndefined();
    await contracts.update("a", (one) => one.close());
    await bank.idle();
    expect(await store.snapshot("banking.contract-a")).toMatchObject({ version: 150 });
  });

  it("hold child entities", async () => {
    const { store, bank } = openBank();
    const halls = bank.repository(Hall);
    const hall = new Hall("h");
    hall.addSeat("s-1");
    hall.addSeat("s-2");
    hall.reserve("s-1", "Ann");
    await halls.save(hall);
    await bank.idle();
    expect(await store.snapshot("banking.hall-h")).toMatchObject({ version: 2 });
    await halls.update("h", (one) => one.reserve("s-2", "Ben"));
    const loaded = await halls.getById("h");
    expect([loaded.guestOf("s-1"), loaded.guestOf("s-2")]).toEqual(["Ann", "Ben"]);
  });
});
