import { EventBase, ParkEvent, type EventStore, type NewEvent, type ParkedNotice } from "@reactive-domain/foundation";
import { everyStore } from "@reactive-domain/store-tests/every-store";
import { describe, expect, it } from "vitest";
import { accountWith, AccountOpened, AmountDeposited, AmountWithdrawn, banking, GiftReceived, openBank, Unlisted } from "../banking.ts";
import { Gate } from "../gate.ts";
import { never, untilAborted, withCalls } from "./group-calls.ts";

const RETRYING = { retryDelayMs: 0, maxAttempts: 3 };

function openWith(store: EventStore, ...amounts: readonly number[]) {
  const opened = openBank(store);
  return { ...opened, saved: opened.accounts.save(accountWith("a-1", ...amounts)) };
}

function withdrawal(amount: number): NewEvent {
  const data = JSON.stringify({ accountId: "a-1", amount });
  return { id: crypto.randomUUID(), type: "AmountWithdrawn", schemaVersion: 2, contentType: "application/json", metadata: "{}", data };
}

/** The amounts of the withdrawals in a stream. */
async function withdrawn(store: EventStore, stream: string): Promise<readonly number[]> {
  const amounts: number[] = [];
  for await (const { data } of store.read({ stream })) amounts.push((JSON.parse(String(data)) as { amount: number }).amount);
  return amounts;
}

describe.each(everyStore)("a consumer group on $name", ({ open }) => {
  it("hands events to its handlers in order, tells them what they need, and is caught up when all are settled", async () => {
    const { bank, saved } = openWith(await open(), 1, 2, 3);
    await saved;
    const seen: unknown[] = [];
    await using mailer = bank.group("mailer").on(AmountDeposited, ({ amount }, context) => {
      seen.push([amount, context.version, context.position, context.attempt, context.consumer, context.signal.aborted, context.stream]);
    });
    await mailer.start({ consumer: "red" });
    await mailer.caughtUp();
    expect(seen).toEqual([1, 2, 3].map((amount, index) => [amount, index, index, 1, "red", false, "banking.account-a-1"]));
    expect(await mailer.lag()).toEqual({ feed: mailer.feed.name, events: 0, ms: 0 });
    expect(mailer.health).toMatchObject({ group: "mailer", consumer: "red", acknowledged: 3, skipped: 0, inHand: 0, inFlight: 0 });
    expect(await mailer.status()).toMatchObject({ settledUpTo: 2, head: 2, waiting: 0, claimed: 0, parked: 0 });
  });

  it("shares its events among consumers that join and leave, each event once and those of a stream in order", async () => {
    const store = await open();
    const { accounts } = openBank(store);
    const seen: [string, number][] = [];
    const join = async (consumer: string) => {
      const group = openBank(store).bank.group("mailer");
      group.on(AmountDeposited, ({ accountId, amount }) => seen.push([accountId, amount]));
      await group.start({ consumer, maxInFlight: 2, batch: 3 });
      return group;
    };
    const first = await join("red");
    for (let amount = 1; amount <= 10; amount++)
      for (const id of ["a", "b", "c"]) {
        const account = (await accounts.tryGetById(id)) ?? accountWith(id);
        account.deposit(amount);
        await accounts.save(account);
      }
    const second = await join("green");
    await first.close();
    await second.caughtUp();
    for (const id of ["a", "b", "c"])
      expect(seen.filter(([of]) => of === id).map(([, amount]) => amount)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await second.close();
    expect(first.health.acknowledged + second.health.acknowledged).toBe(30);
  });

  it("tries an event again that failed, then parks it with the error, and has those of its key wait until it is replayed", async () => {
    const { bank, saved } = openWith(await open(), 1, 13, 2);
    await saved;
    const [seen, parked]: [number[], ParkedNotice[]] = [[], []];
    let isSuperstitious = true;
    await using mailer = bank.group("mailer", RETRYING).on(AmountDeposited, ({ amount }) => {
      if (amount === 13 && isSuperstitious) throw new RangeError("not thirteen");
      seen.push(amount);
    });
    const noticed = new Promise<void>((resolve) => {
      void mailer.start({
        onParked: (notice) => {
          parked.push(notice);
          resolve();
        },
      });
    });
    await noticed;
    expect(seen).toEqual([1]);
    expect(parked).toMatchObject([{ attempts: 3, error: new RangeError("not thirteen"), event: { position: 1 } }]);
    expect(await mailer.parked()).toMatchObject([{ attempts: 3, error: "RangeError: not thirteen", event: { position: 1 } }]);
    expect(mailer.health).toMatchObject({ failed: 3, parked: 1 });
    expect(await mailer.report()).toMatchObject([{ kind: "group", name: "mailer", parked: 1, position: 1, lag: { events: 1 } }]);
    isSuperstitious = false;
    expect(await mailer.replayParked({ error: "thirteen" })).toBe(1);
    await mailer.caughtUp();
    expect(seen).toEqual([1, 13, 2]);
  });

  it("lets those of its key pass a parked event where it says so", async () => {
    const { bank, saved } = openWith(await open(), 13, 1, 2);
    await saved;
    const seen: number[] = [];
    await using mailer = bank.group("mailer", { ...RETRYING, behindParked: "pass" }).on(AmountDeposited, ({ amount }) => {
      if (amount === 13) throw new ParkEvent("not thirteen");
      seen.push(amount);
    });
    await mailer.start();
    await mailer.caughtUp();
    expect(seen).toEqual([1, 2]);
    expect(await mailer.parked()).toMatchObject([{ attempts: 1, error: "park-event: not thirteen" }]);
    expect(mailer.health).toMatchObject({ acknowledged: 2, failed: 1, parked: 1, lost: 0 });
  });

  it("writes what a handler adds together with the acknowledgement, correlated with its event", async () => {
    const store = await open();
    const { bank, saved } = openWith(store, 1, 2);
    await saved;
    await using fees = bank.group("fees").on(AmountDeposited, async ({ accountId, amount }, context) => {
      await context.append("banking.fees-1", [new AmountWithdrawn({ accountId, amount })]);
      await context.append("banking.fees-1", [new AmountWithdrawn({ accountId, amount: 10 * amount })]);
      context.settleWith({ kind: "metadata", stream: `banking.noted-${amount}`, metadata: { maxCount: 5 } });
    });
    await fees.start();
    await fees.caughtUpTo((await saved).position as NonNullable<Awaited<typeof saved>["position"]>);
    expect(await withdrawn(store, "banking.fees-1")).toEqual([1, 10, 2, 20]);
    expect((await store.streamInfo("banking.noted-2")).metadata).toMatchObject({ maxCount: 5 });
    for await (const { metadata } of store.read({ stream: "banking.fees-1" }, { limit: 1 }))
      expect(JSON.parse(metadata)).toMatchObject({ causationId: expect.any(String), correlationId: expect.any(String) });
  });

  it("writes nothing twice when a group is made anew and begins at the start", async () => {
    const store = await open();
    const { bank, saved } = openWith(store, 1, 2);
    await saved;
    for (let time = 0; time < 2; time++) {
      await store.groups.delete("fees");
      await using fees = bank.group("fees", { types: [AmountDeposited] });
      fees.on(AmountDeposited, ({ accountId, amount }, context) =>
        context.append("banking.fees-1", [new AmountWithdrawn({ accountId, amount })]),
      );
      await fees.start();
      await fees.caughtUp();
      await fees.close();
      expect(fees.health).toMatchObject({ acknowledged: 2, failed: 0 });
    }
    expect(await withdrawn(store, "banking.fees-1")).toEqual([1, 2]);
  });

  it("writes nothing of what is refused: the attempt has failed", async () => {
    const store = await open();
    const { bank, saved } = openWith(store, 1);
    await saved;
    const parked: ParkedNotice[] = [];
    await using fees = bank.group("fees", RETRYING).on(AmountDeposited, async ({ accountId, amount }, context) => {
      await context.append("banking.fees-1", [new AmountWithdrawn({ accountId, amount })]);
      await context.append("banking.account-a-1", [new AccountOpened({ accountId, owner: "Ann" })], { expectedVersion: "noStream" });
    });
    await fees.start({ onParked: (notice) => parked.push(notice) });
    await fees.caughtUp();
    expect(await withdrawn(store, "banking.fees-1")).toEqual([]);
    expect(await fees.parked()).toMatchObject([{ attempts: 3, error: expect.stringMatching(/^wrong-expected-version: /) }]);
    expect(parked).toMatchObject([{ error: { code: "wrong-expected-version" } }]);
  });

  it("skips events without a handler, and never takes those of other types where it says which", async () => {
    const { bank, accounts } = openBank(await open());
    const account = accountWith("a-1", 1);
    account.open("Ann");
    account.receiveGift(5, "Bob");
    await accounts.save(account);
    const seen: unknown[] = [];
    await using all = bank.group("all").on(AmountDeposited, ({ amount }) => seen.push(amount));
    await using some = bank.group("some", { types: [AmountDeposited] }).on(AmountDeposited, (event) => seen.push(event.constructor));
    await all.start();
    await all.caughtUp();
    expect(all.health).toMatchObject({ acknowledged: 2, skipped: 1 });
    await some.start();
    await some.caughtUp();
    expect(some.health).toMatchObject({ acknowledged: 2, skipped: 0 });
    expect(seen).toEqual([1, 5, AmountDeposited, GiftReceived]);
  });

  it("parks what cannot be read, and goes on", async () => {
    const store = await open();
    const { bank, saved } = openWith(store, 1);
    await saved;
    const event = { type: "AmountDeposited", schemaVersion: 1, contentType: "application/json", metadata: "{}" };
    await store.append("banking.other-1", [{ ...event, id: crypto.randomUUID(), data: "{" }], { expectedVersion: "any" });
    await store.append("banking.other-2", [{ ...event, type: "Unheard", id: crypto.randomUUID(), data: "{}" }], { expectedVersion: "any" });
    await using mailer = bank.group("mailer", RETRYING).on(EventBase, () => undefined);
    await mailer.start();
    await mailer.caughtUp();
    expect((await mailer.parked()).map(({ error }) => error.split(":")[0])).toEqual(["corrupt-event", "unknown-event-type"]);
    expect(mailer.health).toMatchObject({ acknowledged: 1, parked: 2, status: "live" });
  });

  it("refuses what one writes and settles that wrongly believes it holds the lease", async () => {
    const store = await open();
    const { saved } = openWith(store, 1);
    await saved;
    const [begun, taken] = [new Gate(), new Gate()];
    // It hears that its lease is extended, which it never is, and takes one event.
    let claims = 0;
    const deaf = openBank(
      withCalls(store, {
        extend: () => () => Promise.resolve(),
        claim: (claim) => (name, options) => (claims++ === 0 ? claim(name, options) : untilAborted(options.signal)),
      }),
    ).bank.group("mailer");
    deaf.on(AmountDeposited, async ({ amount }, context) => {
      begun.open();
      await taken.pass();
      context.settleWith({ kind: "append", stream: "banking.fees-1", expectedVersion: "any", events: [withdrawal(-amount)] });
    });
    await deaf.start({ consumer: "deaf", leaseMs: 100 });
    await begun.pass();
    const attempts: number[] = [];
    await using heir = openBank(store).bank.group("mailer");
    heir.on(AmountDeposited, async ({ amount }, context) => {
      attempts.push(context.attempt);
      taken.open();
      await deaf.close();
      context.settleWith({ kind: "append", stream: "banking.fees-1", expectedVersion: "any", events: [withdrawal(amount)] });
    });
    await heir.start({ consumer: "heir" });
    await heir.caughtUp();
    await heir.close();
    expect(deaf.health).toMatchObject({ acknowledged: 0, failed: 0, lost: 1 });
    expect(heir.health).toMatchObject({ acknowledged: 1, lost: 0 });
    expect(await withdrawn(store, "banking.fees-1")).toEqual([1]);
    expect(attempts).toEqual([2]);
  });

  it("aborts the signal of a handler whose delivery the store has given to another", async () => {
    const store = await open();
    const { saved } = openWith(store, 1);
    await saved;
    let isDeaf = true;
    const store2 = withCalls(store, {
      extend:
        (extend) =>
        (...args) =>
          isDeaf ? never() : extend(...args),
    });
    const slow = openBank(store2).bank.group("mailer");
    const aborted = new Promise<unknown>((resolve) => {
      slow.on(AmountDeposited, (_, { signal }) => {
        signal.addEventListener("abort", () => resolve(signal.reason));
        return never();
      });
    });
    await slow.start({ consumer: "slow", leaseMs: 200 });
    expect(await aborted).toMatchObject({ code: "delivery-lost" });
    isDeaf = false;
    await slow.close();
  });

  it("gives back on closing what it has not begun, and nothing of that counts as an attempt", async () => {
    const store = await open();
    const { bank, saved } = openWith(store, 1, 2, 3);
    await saved;
    const attempts: number[] = [];
    const first = bank.group("mailer");
    const [begun, ended] = [new Gate(), new Gate()];
    first.on(AmountDeposited, async () => {
      begun.open();
      await ended.pass();
    });
    await first.start();
    await begun.pass();
    const closed = first.close();
    ended.open();
    await closed;
    expect(first.health).toMatchObject({ status: "closed", acknowledged: 1, inHand: 0 });
    expect(await first.status()).toMatchObject({ waiting: 2, claimed: 0 });
    await first.stopped;
    await using second = bank.group("mailer").on(AmountDeposited, (_, { attempt }) => attempts.push(attempt));
    await second.start();
    await second.caughtUp();
    expect(attempts).toEqual([1, 1]);
  });

  it("refuses to join a group that was made with other options", async () => {
    const { bank } = openBank(await open());
    await using mailer = bank.group("mailer").on(EventBase, () => undefined);
    await mailer.start();
    const other = bank.group("mailer", { orderBy: "none" }).on(EventBase, () => undefined);
    await expect(other.start()).rejects.toMatchObject({ code: "group-exists" });
    expect(other.health.status).toBe("not-started");
    const again = bank.group("mailer", { of: bank.all(), orderBy: "stream" }).on(EventBase, () => undefined);
    await again.start();
    await expect(again.start()).rejects.toMatchObject({ code: "already-started" });
    await again.close();
    await expect(again.start()).rejects.toMatchObject({ code: "already-closed" });
  });

  it("acknowledges several together, and one that is lost fails no other", async () => {
    const store = await open();
    const { accounts } = openBank(store);
    for (const id of ["a", "b", "c", "d"]) await accounts.save(accountWith(id, 1));
    const writes: number[] = [];
    let stolen = false;
    const watched = withCalls(store, {
      write: (write) => async (items, options) => {
        const [settle] = items;
        if (settle?.kind !== "settle") return write(items, options);
        writes.push(settle.deliveries.length);
        if (!stolen && settle.deliveries.length > 1) {
          stolen = true;
          const [, second] = settle.deliveries;
          if (second !== undefined) await write([{ kind: "settle", group: "mailer", deliveries: [{ ...second, outcome: "release" }] }]);
        }
        return write(items, options);
      },
    });
    await using mailer = openBank(watched)
      .bank.group("mailer")
      .on(AmountDeposited, () => undefined);
    await mailer.start({ acknowledge: { upTo: 100 } });
    await mailer.caughtUp();
    expect(writes.slice(0, 2)).toEqual([4, 3]);
    expect(mailer.health).toMatchObject({ acknowledged: 4, lost: 1 });
  });
});

describe("options of a group", () => {
  const { bank } = openBank();
  const other = openBank();

  it.each([
    [{ types: [] }, "types"],
    [{ types: [Unlisted] }, "types"],
    [{ of: other.bank.all() }, "of"],
    [{ of: {} }, "feed"],
    [{ orderBY: "none" }, "A key of the options of a group"],
  ])("%o is refused", (options, argument) => {
    expect(() => bank.group("mailer", options as never)).toThrow(
      expect.objectContaining({ code: "invalid-argument", details: expect.objectContaining({ argument }) }),
    );
  });

  it.each([
    [{ maxInFlight: 0 }, "maxInFlight"],
    [{ batch: 1_001 }, "batch"],
    [{ leaseMs: 99 }, "leaseMs"],
    [{ consumer: "" }, "consumer"],
    [{ acknowledge: "all" }, "acknowledge"],
    [{ acknowledge: { upTo: 0 } }, "acknowledge.upTo"],
    [{ handlerTimeoutMs: 0 }, "handlerTimeoutMs"],
    [{ graceMs: -1 }, "graceMs"],
    [{ onFault: "mail" }, "onFault"],
    [{ signal: {} }, "signal"],
    [{ lease: 1 }, "A key of the options of a consumer"],
  ])("%o is refused by a start", async (options, argument) => {
    const group = bank.group("mailer").on(EventBase, () => undefined);
    await expect(group.start(options as never)).rejects.toMatchObject({ code: "invalid-argument", details: { argument } });
  });

  it("a group without handlers is not started: it would skip everything", async () => {
    await expect(bank.group("mailer").start()).rejects.toMatchObject({ code: "invalid-argument" });
    expect(() => bank.group("")).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(banking.events).toContain(AmountDeposited);
  });
});
