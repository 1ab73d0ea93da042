import {
  createInMemoryStore,
  currentRuntime,
  EventBase,
  MessageBuilder,
  sleep,
  type ConsumerGroup,
  type ConsumerStopped,
} from "@reactive-domain/foundation";
import { StoreUnavailable } from "@reactive-domain/persistence";
import { injectFaults } from "@reactive-domain/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Account, accountWith, AccountOpened, AmountDeposited, openBank, Unlisted, type Bank } from "../banking.ts";
import { Gate, quiet } from "../gate.ts";
import { virtually } from "../listeners/noted.ts";
import { watchProcess } from "../process-notices.ts";
import { never, untilAborted, withCalls } from "./group-calls.ts";

const warnings = watchProcess();
const MINUTE_MS = 60_000;

/** One event in the stream of each account. */
async function deposits({ accounts }: Bank, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const account = (await accounts.tryGetById(id)) ?? accountWith(id);
    account.deposit(1);
    await accounts.save(account);
  }
}

/** A handler that takes its time, and what it has had. */
function slow(group: ConsumerGroup, ms: number) {
  const had = { begun: [] as string[], ended: [] as string[], atOnce: 0, most: 0 };
  group.on(AmountDeposited, async ({ accountId }) => {
    had.begun.push(accountId);
    had.most = Math.max(had.most, ++had.atOnce);
    await sleep(ms);
    had.atOnce--;
    had.ended.push(accountId);
  });
  return had;
}

describe("a consumer at work", () => {
  it(
    "handles events of different keys beside each other, those of one key one after another, and holds no more than it can soon handle",
    virtually(async () => {
      const bank = openBank();
      const ids = Array.from({ length: 100 }, (_, index) => `a-${index % 20}`);
      await deposits(bank, ids);
      const mailer = bank.bank.group("mailer");
      const keys = new Set<string>();
      const [overlaps, held]: [string[], number[]] = [[], []];
      mailer.on(AmountDeposited, async ({ accountId }) => {
        if (keys.has(accountId)) overlaps.push(accountId);
        keys.add(accountId);
        held.push(mailer.health.inHand);
        await sleep(10);
        keys.delete(accountId);
      });
      const had = slow(mailer, 1);
      await mailer.start({ maxInFlight: 4, batch: 6 });
      await mailer.caughtUp();
      expect({ overlaps, most: had.most, ended: had.ended.length }).toEqual({ overlaps: [], most: 4, ended: 100 });
      expect(Math.max(...held)).toBeGreaterThan(6);
      expect(Math.max(...held)).toBeLessThanOrEqual(10);
      await mailer.close();
    }),
  );

  it(
    "holds on to what a handler is long at work on",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      const [first, second] = [bank.bank.group("mailer"), bank.bank.group("mailer")];
      const [had, others] = [slow(first, 4 * MINUTE_MS), slow(second, 0)];
      await first.start();
      await sleep(1_000);
      await second.start();
      await second.caughtUp({ timeoutMs: 10 * MINUTE_MS });
      expect([had.ended, others.begun]).toEqual([["a-1"], []]);
      expect(first.health).toMatchObject({ acknowledged: 1, lost: 0, interruptions: 0 });
      await Promise.all([first.close(), second.close()]);
    }),
  );

  it(
    "tells a handler when its lease has ended, whether the store answers or not",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      let claims = 0;
      const silent = withCalls(bank.store, {
        extend: () => never,
        claim: (claim) => (name, options) => (claims++ === 0 ? claim(name, options) : untilAborted(options.signal)),
      });
      const mailer = openBank(silent).bank.group("mailer");
      const { clock } = currentRuntime();
      const startMs = clock.now();
      const told: unknown[] = [];
      mailer.on(AmountDeposited, (_, { signal }) => {
        signal.addEventListener("abort", () => told.push([clock.now() - startMs, signal.reason]));
        return never();
      });
      await mailer.start({ leaseMs: 3_000 });
      await sleep(4_000);
      expect(told).toEqual([[expect.closeTo(3_000, -2), expect.objectContaining({ code: "delivery-lost" })]]);
      await mailer.close();
    }),
  );

  it(
    "asks the store nothing about what it knows to be lost, and takes up the same event again under its new token",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1", "a-2"]);
      const settled: number[] = [];
      // Its leases end, though it is told that they are extended.
      const watched = withCalls(bank.store, {
        extend: () => () => Promise.resolve(),
        write: (write) => (items, options) => {
          settled.push(items.length);
          return write(items, options);
        },
      });
      const mailer = openBank(watched).bank.group("mailer", { orderBy: "none" });
      const signals: AbortSignal[] = [];
      mailer.on(AmountDeposited, ({ accountId }, { signal, attempt }) => {
        signals.push(signal);
        return accountId === "a-1" && attempt === 1 ? untilAborted(signal) : undefined;
      });
      await mailer.start({ leaseMs: 3_000 });
      await sleep(100);
      expect(settled).toEqual([1]);
      await mailer.caughtUp();
      expect(settled).toEqual([1, 1]);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true, false, false]);
      expect(mailer.health).toMatchObject({ acknowledged: 2, lost: 1, failed: 0 });
      await mailer.close();
    }),
  );

  it(
    "counts a handler that takes too long as failed, aborts its signal, and works on beside it",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1", "a-2"]);
      const mailer = bank.bank.group("mailer", { maxAttempts: 2 });
      const reasons: unknown[] = [];
      const handled: string[] = [];
      mailer.on(AmountDeposited, ({ accountId }, { signal }) => {
        if (accountId === "a-2") return handled.push(accountId);
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        return never();
      });
      await mailer.start({ maxInFlight: 1, handlerTimeoutMs: 5_000 });
      await mailer.caughtUp({ timeoutMs: MINUTE_MS });
      expect(reasons).toMatchObject([{ code: "timed-out" }, { code: "timed-out" }]);
      expect(handled).toEqual(["a-2"]);
      expect(await mailer.parked()).toMatchObject([
        { attempts: 2, error: expect.stringContaining("timed-out: AmountDeposited was not answered within 5000 ms") },
      ]);
      await mailer.close();
    }),
  );

  it(
    "keeps order by correlation, over streams",
    virtually(async () => {
      const { bank, store } = openBank();
      const chain = new AccountOpened({ accountId: "x", owner: "Ann" });
      MessageBuilder.create(chain);
      const accounts = bank.correlatedRepository(Account);
      for (const id of ["a-1", "a-2", "a-3"]) {
        const account = accounts.create(id, chain);
        account.deposit(1);
        await accounts.save(account);
      }
      await deposits(openBank(store), ["b-1", "b-2"]);
      const mailer = bank.group("mailer", { orderBy: "correlation" });
      const had = slow(mailer, 10);
      await mailer.start();
      await mailer.caughtUp();
      expect(had.ended.filter((id) => id.startsWith("a"))).toEqual(["a-1", "a-2", "a-3"]);
      expect(had).toMatchObject({ most: 3 });
      await mailer.close();
    }),
  );

  it(
    "begins the next event of a key when the one before is acknowledged, or before that where they are acknowledged together",
    virtually(async () => {
      for (const [acknowledge, expected] of [["each", 1] as const, [{ upTo: 10 }, 3] as const]) {
        const faults = injectFaults(createInMemoryStore());
        const bank = openBank(faults.store);
        await deposits(bank, ["a-1", "a-1", "a-1"]);
        faults.failWrites({ times: 1 });
        const mailer = bank.bank.group("mailer");
        const had = slow(mailer, 1);
        const begun: number[] = [];
        await mailer.start({ acknowledge, onInterruption: () => void sleep(10).then(() => begun.push(had.begun.length)) });
        await mailer.caughtUp();
        expect([begun, had.ended.length]).toEqual([[expected], 3]);
        await mailer.close();
      }
    }),
  );

  it(
    "writes acknowledgements of different keys beside each other, those of one key one after another",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1", "a-1", "a-2"]);
      const gate = new Gate();
      const begun: number[] = [];
      const watched = withCalls(bank.store, {
        write: (write) => async (items, options) => {
          const [settle] = items;
          if (settle?.kind === "settle") begun.push(...settle.deliveries.map(({ position }) => position));
          await gate.pass();
          return write(items, options);
        },
      });
      const mailer = openBank(watched)
        .bank.group("mailer")
        .on(AmountDeposited, () => undefined);
      await mailer.start({ acknowledge: { upTo: 1 } });
      await sleep(10);
      expect(begun).toEqual([0, 2]);
      gate.open();
      await mailer.caughtUp();
      expect(begun).toEqual([0, 2, 1]);
      await mailer.close();
    }),
  );

  it(
    "refuses what a handler wants to write behind its end",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      const mailer = bank.bank.group("mailer");
      let late: (() => void) | undefined;
      mailer.on(AmountDeposited, (_, context) => {
        late = () => context.settleWith();
      });
      await mailer.start();
      await mailer.caughtUp();
      expect(late).toThrow(expect.objectContaining({ code: "already-closed" }));
      await mailer.close();
    }),
  );

  it(
    "takes over what a killed consumer had, though it is never without work",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["k-1", "k-2"]);
      let isDead = false;
      const dying =
        <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) =>
        (...args: A): Promise<R> =>
          isDead ? never() : call(...args);
      const killed = openBank(withCalls(bank.store, { claim: dying, extend: dying, write: dying })).bank.group("mailer");
      killed.on(AmountDeposited, () => {
        isDead = true;
        return never();
      });
      await killed.start({ consumer: "killed" });
      await sleep(10);
      const heir = bank.bank.group("mailer");
      const had = slow(heir, 500);
      await heir.start({ consumer: "heir", maxInFlight: 2, batch: 2 });
      // There is always more to do than it has in hand, for ten minutes.
      for (let second = 0; second < 600 && !["k-1", "k-2"].every((id) => had.ended.includes(id)); second++) {
        await deposits(
          bank,
          Array.from({ length: 5 }, (_, index) => `a-${second}-${index}`),
        );
        await sleep(1_000);
      }
      expect(had.ended).toEqual(expect.arrayContaining(["k-1", "k-2"]));
      expect(heir.health.inHand).toBeGreaterThan(0);
      await heir.close();
    }),
  );
});

describe("a store that fails", () => {
  it(
    "interrupts a consumer, which tries again after waits that grow and goes on by itself",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      const times: number[] = [];
      let isDown = true;
      const { clock } = currentRuntime();
      const down = withCalls(bank.store, {
        claim:
          (claim) =>
          (...args) => {
            if (!isDown) return claim(...args);
            times.push(clock.now());
            return Promise.reject(new StoreUnavailable("The store", "is away", { retryable: true }));
          },
      });
      const mailer = openBank(down)
        .bank.group("mailer")
        .on(AmountDeposited, () => undefined);
      const told: Error[] = [];
      await mailer.start({ onInterruption: (error) => told.push(error) });
      await sleep(5 * MINUTE_MS);
      expect(mailer.health).toMatchObject({ status: "interrupted", error: { code: "store-unavailable" }, interruptions: told.length });
      const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(waits.length).toBeGreaterThan(10);
      expect(waits.slice(0, 2).every((wait) => wait <= 200)).toBe(true);
      expect(waits.slice(-10).some((wait) => wait > 2_000)).toBe(true);
      expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
      isDown = false;
      await mailer.caughtUp();
      expect(mailer.health).toMatchObject({ status: "live", error: undefined, acknowledged: 1 });
      await mailer.close();
    }),
  );

  it(
    "and loses an answer has nothing handled twice, and nothing written twice",
    virtually(async () => {
      const faults = injectFaults(createInMemoryStore());
      const bank = openBank(faults.store);
      await deposits(bank, ["a-1", "a-2"]);
      faults.failWrites({ times: 3, outcome: "after" });
      const mailer = bank.bank.group("mailer");
      const handled: string[] = [];
      mailer.on(AmountDeposited, async ({ accountId }, context) => {
        handled.push(accountId);
        if (accountId === "a-2") await context.append("banking.noted-1", [new AccountOpened({ accountId, owner: "Ann" })]);
      });
      await mailer.start();
      await mailer.caughtUp();
      expect(handled.toSorted()).toEqual(["a-1", "a-2"]);
      expect((await bank.store.streamInfo("banking.noted-1")).lastVersion).toBe(0);
      expect(faults.planned).toBe(0);
      await mailer.close();
    }),
  );

  it(
    "that does not answer keeps nobody from closing",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      const hanging = withCalls(bank.store, { write: () => never });
      const mailer = openBank(hanging)
        .bank.group("mailer")
        .on(AmountDeposited, () => undefined);
      await mailer.start({ graceMs: 1_000 });
      await sleep(10);
      const { clock } = currentRuntime();
      const startMs = clock.now();
      await mailer.close();
      expect(clock.now() - startMs).toBe(6_000);
      expect(mailer.health.status).toBe("closed");
    }),
  );

  it(
    "by a serializer's word makes an event fail, and not the consumer",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      const mailer = bank.bank.group("mailer", { maxAttempts: 1 }).on(EventBase, async (_, context) => {
        await context.append("banking.noted-1", [new Unlisted({ accountId: "a-1" })]).catch(() => undefined);
      });
      await mailer.start();
      await mailer.caughtUp();
      expect(await mailer.parked()).toMatchObject([{ error: expect.stringMatching(/^unknown-event-type/) }]);
      await mailer.close();
    }),
  );
});

describe("the end of a consumer", () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  it(
    "is told when its group is deleted",
    virtually(async () => {
      const { bank, store } = openBank();
      const mailer = bank.group("mailer").on(EventBase, () => undefined);
      const faults: ConsumerStopped[] = [];
      await mailer.start({ consumer: "red", onFault: (fault) => faults.push(fault) });
      await store.groups.delete("mailer");
      await expect(mailer.stopped).rejects.toMatchObject({
        code: "consumer-stopped",
        details: { group: "mailer", consumer: "red" },
        cause: { code: "group-not-found" },
      });
      expect(faults).toMatchObject([{ code: "consumer-stopped" }]);
      expect(mailer.health).toMatchObject({ status: "stopped", error: faults[0] });
      await expect(mailer.caughtUpTo(0 as never)).rejects.toBe(faults[0]);
      expect(await mailer.report()).toMatchObject([{ status: "stopped", lag: null, position: null, error: faults[0] }]);
      expect(process.exitCode).toBeUndefined();
      await mailer.close();
      expect(mailer.health.status).toBe("stopped");
    }),
  );

  it(
    "shows in the exit code where nobody listens",
    virtually(async () => {
      const { bank, store } = openBank();
      const mailer = bank.group("mailer").on(EventBase, () => undefined);
      await mailer.start();
      await store.groups.delete("mailer");
      await expect(mailer.stopped).rejects.toMatchObject({ code: "consumer-stopped" });
      expect(process.exitCode).toBe(1);
      await quiet();
      expect(warnings).toMatchObject([{ code: "consumer-stopped" }]);
    }),
  );

  it(
    "waits for the handlers at work for so long, then aborts them and gives back what they had",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1", "a-2"]);
      const mailer = bank.bank.group("mailer");
      const reasons: unknown[] = [];
      mailer.on(AmountDeposited, async ({ accountId }, { signal }) => {
        if (accountId === "a-2") return sleep(2_000);
        return untilAborted(signal).catch((error: unknown) => {
          reasons.push(error);
          throw error;
        });
      });
      await mailer.start({ graceMs: 3_000 });
      await sleep(10);
      await mailer.close();
      expect(mailer.health).toMatchObject({ status: "closed", acknowledged: 1, failed: 0, inHand: 0 });
      expect(reasons).toHaveLength(1);
      const attempts: number[] = [];
      const next = bank.bank.group("mailer").on(AmountDeposited, (_, { attempt }) => attempts.push(attempt));
      await next.start();
      await next.caughtUp();
      expect(attempts).toEqual([1]);
      await next.close();
    }),
  );

  it(
    "comes with its signal, and a consumer is closed twice like once",
    virtually(async () => {
      const { bank } = openBank();
      const ending = new AbortController();
      const mailer = bank.group("mailer").on(EventBase, () => undefined);
      await mailer.start({ signal: ending.signal });
      expect(mailer.health.status).toBe("catching-up");
      ending.abort();
      await mailer.stopped;
      await Promise.all([mailer.close(), mailer[Symbol.asyncDispose]()]);
      expect(mailer.health.status).toBe("closed");
      const aborted = bank.group("mailer").on(EventBase, () => undefined);
      await expect(aborted.start({ signal: AbortSignal.abort(new Error("not now")) })).rejects.toThrow("not now");
    }),
  );

  it(
    "may come before its start: a store that hangs keeps nobody from that",
    virtually(async () => {
      const gate = new Gate();
      const { store } = openBank();
      const groups = new Proxy(store.groups, { get: (_, name) => (name === "create" ? () => gate.pass().then(never) : never) });
      const hanging = new Proxy(store, { get: (target, name) => (name === "groups" ? groups : Reflect.get(target, name, target)) });
      const mailer = openBank(hanging)
        .bank.group("mailer")
        .on(EventBase, () => undefined);
      const started = mailer.start();
      await mailer.close();
      await expect(started).rejects.toMatchObject({ code: "already-closed" });
      await mailer.stopped;
    }),
  );

  it(
    "may come while the answer to its start is on its way",
    virtually(async () => {
      for (let turns = 0; turns < 10; turns++) {
        const { bank, store } = openBank();
        const mailer = bank.group("mailer").on(EventBase, () => undefined);
        const create = store.groups.create.bind(store.groups);
        let closed: Promise<void> | undefined;
        const closeIn = (left: number): void => {
          if (left > 0) queueMicrotask(() => closeIn(left - 1));
          else closed = mailer.close();
        };
        store.groups.create = async (...args) => {
          const isNew = await create(...args);
          closeIn(turns);
          return isNew;
        };
        await mailer.start().catch(() => undefined);
        await sleep(1);
        await closed;
        expect(mailer.health.status).toBe("closed");
      }
    }),
  );

  it(
    "is not waited for in vain: who waits for a group is told that it lags",
    virtually(async () => {
      const bank = openBank();
      await deposits(bank, ["a-1"]);
      const mailer = bank.bank.group("mailer").on(AmountDeposited, never);
      await mailer.start({ graceMs: 0 });
      const late = { code: "not-caught-up", details: { wanted: 0, reached: null, busyWith: "AmountDeposited at position 0" } };
      await expect(mailer.caughtUp({ timeoutMs: 500 })).rejects.toMatchObject(late);
      expect(mailer.health.busyWith).toMatchObject({ type: "AmountDeposited", position: 0, forMs: 500 });
      expect(await mailer.lag()).toMatchObject({ events: 1, ms: 500 });
      await mailer.close();
    }),
  );
});
