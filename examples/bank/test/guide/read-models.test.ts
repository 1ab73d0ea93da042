import {
  connect,
  createInMemoryStore,
  ObservableProperty,
  ReadModelBase,
  shareFeed,
  type ConnectedContext,
  type EventFeed,
  type EventStore,
  type FeedFaulted,
  type ReadableProperty,
  type SnapshotSource,
} from "@reactive-domain/foundation";
import { createTestRuntime, injectFaults } from "@reactive-domain/testing";
import { describe, expect, it } from "vitest";
import { Account, AccountOpened, AmountDeposited, AmountWithdrawn, banking } from "../first-steps/account.ts";

type BalancesState = readonly (readonly [accountId: string, balance: number])[];

// #region model
class Balances extends ReadModelBase implements SnapshotSource<BalancesState> {
  readonly #balances = new Map<string, number>();

  constructor() {
    super();
    this.on(AmountDeposited, (event) => this.#add(event.accountId, event.amount));
    this.on(AmountWithdrawn, (event) => this.#add(event.accountId, -event.amount));
  }

  of(accountId: string): number {
    return this.#balances.get(accountId) ?? 0;
  }

  #add(accountId: string, amount: number): void {
    this.#balances.set(accountId, this.of(accountId) + amount);
  }
  // …
  // #endregion

  // #region state
  takeSnapshot(): BalancesState {
    return [...this.#balances]; // JSON data: all that the handlers have made
  }

  restoreFromSnapshot(state: BalancesState): void {
    for (const [accountId, balance] of state) this.#balances.set(accountId, balance);
  }
  // #endregion
}

// #region property
class Turnover extends ReadModelBase {
  readonly #total = new ObservableProperty(0);
  readonly total: ReadableProperty<number> = this.#total; // to look at, not to set

  constructor() {
    super();
    this.on(AmountDeposited, ({ amount }) => this.#total.set(this.#total.value + amount));
  }
}
// #endregion

class Owners extends ReadModelBase {
  readonly names: string[] = [];

  constructor() {
    super();
    this.on(AccountOpened, ({ owner }) => {
      if (owner === "") throw new Error("An account without an owner.");
      this.names.push(owner);
    });
  }
}

async function openAccount(bank: ConnectedContext, id: string, owner = "Ann"): Promise<void> {
  const accounts = bank.repository(Account);
  const account = new Account(id);
  account.open(owner);
  account.deposit(100);
  await accounts.save(account);
}

async function deposit(bank: ConnectedContext, id: string, amount: number): Promise<void> {
  await bank.repository(Account).update(id, (account) => account.deposit(amount));
}

const bankOn = (store: EventStore): ConnectedContext => connect(banking, store);

describe("a read model", () => {
  it("is started on feeds, and live when the history is handled", async () => {
    const bank = bankOn(createInMemoryStore());
    await openAccount(bank, "a-1");
    // #region start
    await using balances = new Balances();
    await balances.start(bank.category(Account)); // the store has answered
    await balances.live; // the history is handled
    const balance = balances.of("a-1");
    // #endregion
    expect(balance).toBe(100);
    await using turnover = new Turnover();
    const shown: number[] = [];
    const show = (total: number): void => void shown.push(total);
    // #region subscribe
    const stop = turnover.total.subscribe(show); // told at once, and whenever it changes
    // #endregion
    await turnover.start(bank.eventType(AmountDeposited));
    await turnover.live;
    stop();
    expect(shown).toEqual([0, 100]);
  });

  it("shares a read with others", async () => {
    const bank = bankOn(createInMemoryStore());
    await openAccount(bank, "a-1");
    const [balances, turnover] = [new Balances(), new Turnover()];
    // #region share
    const shared = shareFeed(bank.category(Account));
    shared.attach(balances);
    shared.attach(turnover);
    await shared.start(); // reads the store once
    await shared.live; // both are live
    // #endregion
    expect([balances.of("a-1"), turnover.total.value]).toEqual([100, 100]);
    await Promise.all([balances.close(), turnover.close()]);
  });

  it("stops a feed whose handler throws, and tells", async () => {
    const bank = bankOn(createInMemoryStore());
    await using owners = new Owners();
    const faults: FeedFaulted[] = [];
    const report = (fault: FeedFaulted): void => void faults.push(fault);
    // #region fault
    await owners.start(bank.category(Account), { onFault: report }); // told once, with the position and the cause
    // #endregion
    await openAccount(bank, "a-1", "");
    const error: unknown = await owners.caughtUp().catch((thrown: unknown) => thrown);
    expect(faults).toEqual([error]);
    expect(error).toMatchObject({ code: "feed-faulted", cause: { message: "An account without an owner." } });
    const shown: object[] = [];
    const show = (row: object): void => void shown.push(row);
    // #region health
    for (const { feed, status, handledUpTo, progressAgeMs, busyWith, error: problem } of owners.health) {
      show({ feed, status, handledUpTo, progressAgeMs, busyWith, problem }); // what the model knows by itself
    }
    const [lag] = await owners.lag(); // what the store has beyond that: { feed, events, ms }
    // #endregion
    expect(owners.health).toMatchObject([{ status: "faulted", handledUpTo: null, error }]);
    expect(shown).toHaveLength(1);
    expect(lag).toMatchObject({ events: 2 });
  });

  it("goes on after the store has interrupted it, in a time of its own", () =>
    createTestRuntime().run(async () => {
      const faulty = injectFaults(createInMemoryStore());
      const bank = bankOn(faulty.store);
      const log: string[] = [];
      const note = (error: Error): void => void log.push(error.message);
      await using balances = new Balances();
      // #region resume
      await balances.start(bank.category(Account), {
        resume: { minDelayMs: 100, maxDelayMs: 5_000, attempts: 20 }, // false: an interruption is a fault
        onInterruption: note, // told each time; it goes on by itself
      });
      // #endregion
      await balances.live;
      await openAccount(bank, "a-1");
      faulty.dropSubscriptions({ error: new Error("The connection is gone.") });
      await deposit(bank, "a-1", 1);
      await balances.caughtUp();
      expect(balances.of("a-1")).toBe(101);
      expect(log).toEqual(["The connection is gone."]);
      expect(balances.health).toMatchObject([{ interruptions: 1, error: undefined }]);
    }));

  it("is read between two events", async () => {
    const bank = bankOn(createInMemoryStore());
    await openAccount(bank, "a-1");
    await openAccount(bank, "a-2");
    await using balances = new Balances();
    await balances.start(bank.category(Account));
    await balances.live;
    // #region read
    const sum = await balances.read(() => balances.of("a-1") + balances.of("a-2"), { timeoutMs: 1_000 });
    // #endregion
    expect(sum).toBe(200);
  });
});

describe("the state of a read model", () => {
  it("is captured and restored", async () => {
    const bank = bankOn(createInMemoryStore());
    await openAccount(bank, "a-1");
    await using balances = new Balances();
    await balances.start(bank.category(Account));
    await balances.live;
    // #region capture
    const snapshot = await balances.capture(); // { state, checkpoints, external }: JSON data

    const restored = new Balances();
    restored.restore(snapshot);
    await restored.start(bank.category(Account)); // goes on behind the checkpoint of this feed
    // #endregion
    await deposit(bank, "a-1", 1);
    await restored.caughtUp();
    expect(restored.of("a-1")).toBe(101);
    await restored.close();
  });

  it("is kept in a store, and gone on from at the next start", async () => {
    const store = createInMemoryStore();
    const bank = bankOn(store);
    await openAccount(bank, "a-1");
    const run = async (): Promise<boolean> => {
      // #region keep
      await using balances = new Balances();
      const keeping = await balances.keepSnapshots(store, { name: "Balances", schemaVersion: 1, everyEvents: 5_000, everyMs: 60_000 });
      await balances.start(bank.category(Account)); // from the start, or behind what was kept
      await balances.live;
      // … and when the program ends:
      await keeping.save();
      // #endregion
      expect(balances.of("a-1")).toBe(100);
      return keeping.restored;
    };
    expect([await run(), await run()]).toEqual([false, true]);
  });

  it("says where input from outside came from", async () => {
    const bank = bankOn(createInMemoryStore());
    await using balances = new Balances();
    const legacy = { feed: "legacy ledger", version: null, position: null };
    // #region outside
    const bonus = new AmountDeposited({ accountId: "a-1", amount: 5 });
    await balances.publish(bonus, { context: { time: new Date() }, origin: legacy }); // in the queue, like an event of a feed
    // #endregion
    await balances.start(bank.category(Account));
    await balances.live;
    expect(balances.of("a-1")).toBe(5);
    expect((await balances.capture()).external).toEqual([legacy]);
  });
});

it("several feeds go into one model", async () => {
  const bank = bankOn(createInMemoryStore());
  await openAccount(bank, "a-1");
  await openAccount(bank, "a-2");
  await using balances = new Balances();
  const wanted = ["a-1", "a-2"];
  const told: string[] = [];
  const tell = (text: string): void => void told.push(text);
  // #region several
  const feeds: readonly EventFeed[] = wanted.map((id) => bank.aggregate(Account, id));
  await Promise.all(feeds.map((feed) => balances.start(feed)));
  balances.onceLive(() => tell("the history of all of them is handled"));
  await balances.live;
  // #endregion
  expect([balances.of("a-1"), balances.of("a-2"), told.length]).toEqual([100, 100, 1]);
  expect(balances.checkpoints.map(({ feed, version }) => ({ feed, version }))).toEqual([
    { feed: "Account a-1 of banking", version: 1 },
    { feed: "Account a-2 of banking", version: 1 },
  ]);
});
