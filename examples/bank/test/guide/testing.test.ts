import { join } from "node:path";
import {
  boundedContext,
  Command,
  currentRuntime,
  Event,
  ReadModelBase,
  sleep,
  StoreUnavailable,
  type Decider,
} from "@reactive-domain/foundation";
import { checkSamples, createRepositoryFixture, createTestRuntime, fixedId, specify, specifyReadModel } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account } from "../../src/domain/account.ts";
import { banking } from "../../src/domain/banking.ts";
import {
  AccountClosed,
  AccountOpened,
  AmountDeposited,
  AmountSetAside,
  AmountTakenBack,
  AmountWithdrawn,
  CloseAccount,
  Deposit,
  PotClosed,
  PotOpened,
} from "../../src/domain/messages.ts";
import { CommandAccepted, CommandRefused } from "../../src/domain/receipt.ts";
import { Refusal } from "../../src/domain/refusal.ts";

// #region aggregate
const accountId = "a-1";
const opened = new AccountOpened({ accountId, owners: ["Ann"] });
const deposited = (amountCents: number) => new AmountDeposited({ accountId, amountCents });

describe("an account", () => {
  const account = specify(Account, { id: accountId, context: banking });

  it("gives what it holds", () => {
    account
      .given([opened, deposited(500)])
      .when((one) => one.withdraw(500))
      .then([new AmountWithdrawn({ accountId, amountCents: 500 })]);
  });

  it("gives no more than it holds", () => {
    account
      .given([opened, deposited(500)])
      .when((one) => one.withdraw(501))
      .then({ code: "insufficient-funds" });
  });
});
// #endregion

describe("an account by commands", () => {
  it("is closed when it holds nothing", () => {
    // #region handle
    const account = specify(Account, {
      id: accountId,
      handle: (one, command: Deposit | CloseAccount) => (command instanceof Deposit ? one.deposit(command.amountCents) : one.close()),
    });
    account
      .given([opened])
      .when(new CloseAccount({ accountId }))
      .then([new AccountClosed({ accountId })]);
    account
      .given([opened, deposited(1)])
      .when(new CloseAccount({ accountId }))
      .then(Refusal);
    // #endregion
  });
});

class SeatReserved extends Event("SeatReserved")<{ seat: number; ticket: string; at: string }> {}
class Reserve extends Command("Reserve")<{ seat: number }> {}

const seating: Decider<Reserve, readonly number[], SeatReserved> = {
  type: "Seating",
  initial: [],
  evolve: (seats, event) => [...seats, event.seat],
  decide({ seat }, seats) {
    if (seats.includes(seat)) throw new Error(`Seat ${seat} is taken.`);
    const { clock, ids } = currentRuntime();
    return [new SeatReserved({ seat, ticket: ids.next(), at: new Date(clock.now()).toISOString() })];
  },
};

describe("a decider", () => {
  it("decides with a time and an id that are known beforehand", () => {
    // #region decider
    const theatre = specify(seating, { time: new Date("2026-05-01T19:30:00Z") });
    const reserved = new SeatReserved({ seat: 4, ticket: fixedId(1), at: "2026-05-01T19:30:00.000Z" });

    theatre.when(new Reserve({ seat: 4 })).then([reserved]);
    theatre
      .given([reserved])
      .when(new Reserve({ seat: 5 }))
      .then({ state: [4, 5] });
    theatre
      .given([reserved])
      .when(new Reserve({ seat: 4 }))
      .then(new Error("Seat 4 is taken."));
    // #endregion
    expect(boundedContext("theatre", { aggregates: [seating], events: [SeatReserved] }).events).toHaveLength(1);
  });
});

class Deposits extends ReadModelBase {
  sum = 0;

  constructor() {
    super();
    this.on(AmountDeposited, (event) => {
      this.sum += event.amountCents;
    });
  }
}

describe("a read model", () => {
  it("tells what follows from the events in the log", async () => {
    // #region read-model
    class Turnover extends ReadModelBase {
      readonly #byDay = new Map<string, number>();

      constructor() {
        super();
        this.on(AmountDeposited, ({ amountCents }, { time }) => {
          const day = time.toISOString().slice(0, 10);
          this.#byDay.set(day, this.of(day) + amountCents);
        });
      }

      of(day: string): number {
        return this.#byDay.get(day) ?? 0;
      }

      takeSnapshot() {
        return { byDay: [...this.#byDay] };
      }

      restoreFromSnapshot({ byDay }: { readonly byDay: readonly [string, number][] }): void {
        for (const [day, amount] of byDay) this.#byDay.set(day, amount);
      }
    }

    const turnover = specifyReadModel(() => new Turnover(), { context: banking });
    const history = turnover.given([
      opened,
      { event: deposited(500), kind: Account, id: accountId, time: new Date("2026-05-01T08:00Z") },
      { event: deposited(200), kind: Account, id: "a-2", time: new Date("2026-05-02T08:00Z") },
      deposited(300),
    ]);
    await history.then((model) => model.of("2026-05-02"), 500);
    await history.then((model) => expect(model.of("2026-05-03")).toBe(0));
    // #endregion
  });
});

describe("a repository fixture", () => {
  it("has history, and faults where a test wants them", async () => {
    // #region fixture
    await using bank = createRepositoryFixture(banking);
    await bank.given(Account, accountId, [opened, deposited(500)]);
    const deposits = new Deposits();
    await bank.start(deposits); // on all events of the context; the fixture closes it

    const accounts = bank.repository(Account);
    const account = await accounts.getById(accountId);
    account.deposit(1);
    bank.failNextSave(Account, accountId);
    await expect(accounts.save(account)).rejects.toThrow(StoreUnavailable);
    expect(await bank.eventsOf(Account, accountId)).toEqual([opened, deposited(500)]);

    await accounts.save(account); // the aggregate is as it was: the same save can be repeated
    await bank.caughtUp(); // what is committed by now is handled now
    expect(deposits.sum).toBe(501);
    // #endregion
  });

  it("makes outcomes unknown", async () => {
    await using bank = createRepositoryFixture(banking);
    const accounts = bank.repository(Account);
    const account = new Account(accountId);
    account.open("Ann");
    // #region unknown
    bank.failNextSave(Account, accountId, { outcome: "after" }); // all is written, and the answer is lost
    await expect(accounts.save(account)).rejects.toThrow(StoreUnavailable);
    expect(await accounts.save(account)).toMatchObject({ repeated: true });
    expect(bank.faults.planned).toBe(0); // every fault was met
    // #endregion
    // #region reads
    bank.faults.failReads({ source: bank.connected.aggregate(Account, accountId).source });
    await expect(accounts.getById(accountId)).rejects.toThrow(StoreUnavailable);

    bank.faults.dropSubscriptions({ afterEvents: 1, error: new Error("The line was cut.") }); // the next one
    const told: string[] = [];
    const following = async () => {
      for await (const event of bank.store.subscribe({ all: true }).events()) told.push(event.type);
    };
    await expect(following()).rejects.toThrow("The line was cut.");
    expect(told).toEqual(["AccountOpened"]);
    expect(bank.faults.planned).toBe(0);
    // #endregion
  });
});

describe("virtual time", () => {
  it("passes in no time", async () => {
    // #region time
    const test = createTestRuntime();
    const reminded = test.run(async () => {
      await sleep(24 * 60 * 60_000); // a day
      return new Date(currentRuntime().clock.now()).toISOString();
    });
    expect(await reminded).toBe("2024-01-02T00:00:00.000Z");
    // #endregion
  });
});

describe("the events of the bank", () => {
  // #region samples
  it("mean what they meant when they were stored", async () => {
    await checkSamples(banking, {
      folder: join(import.meta.dirname, "../samples"),
      samples: [
        opened,
        deposited(500),
        new AmountWithdrawn({ accountId, amountCents: 500 }),
        new AccountClosed({ accountId }),
        new PotOpened({ accountId, potId: "p-1", name: "Holidays" }),
        new AmountSetAside({ accountId, potId: "p-1", amountCents: 200 }),
        new AmountTakenBack({ accountId, potId: "p-1", amountCents: 200 }),
        new PotClosed({ accountId, potId: "p-1" }),
        new CommandAccepted({ commandId: "c-1", type: "Deposit", fingerprint: "5f2c" }),
        new CommandRefused({
          commandId: "c-2",
          type: "Withdraw",
          fingerprint: "91ab",
          kind: "insufficient-funds",
          reason: "There is less.",
        }),
      ],
      update: process.env["UPDATE_SAMPLES"] === "1",
    });
  });
  // #endregion
});
