import { withRuntime } from "@reactive-domain/core";
import { openPostgresStore, type PostgresEventStore, type PostgresStoreOptions } from "@reactive-domain/postgres";
import { collect, newEvent } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";
import pg, { type Pool } from "pg";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openedStore, proxied } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

interface Silencable {
  /** Goes through the proxy, and by the time of the test. */
  readonly store: PostgresEventStore;
  /** Goes straight to the server. */
  readonly direct: PostgresEventStore;
  readonly time: TestRuntime;
  readonly silence: () => void;
}

describe.each(await postgresServers())("$name", ({ url }) => {
  async function silencable(
    options: PostgresStoreOptions = {},
    whereOf: (url: string) => string | Pool = (where) => where,
  ): Promise<Silencable> {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    const proxy = await proxied(url);
    const time = createTestRuntime();
    const store = await withRuntime(time.runtime, () => openPostgresStore(whereOf(proxy.url), { schema, ...options }));
    onTestFinished(() => untilSettled(store.close(), time));
    return { store, direct, time, silence: () => proxy.silence() };
  }

  /** Moves time until something has settled. Nothing that the server still answers may be under way. */
  async function untilSettled(work: Promise<unknown>, { clock }: TestRuntime): Promise<void> {
    const running = new Set([work]);
    const settled = (): void => void running.delete(work);
    work.then(settled, settled);
    while (running.size > 0) await clock.advanceBy(100);
  }

  const write = (store: PostgresEventStore, stream = "account-1"): Promise<unknown> =>
    store.append(stream, [newEvent()], { expectedVersion: "any" });

  /** Rejects when the store is closed. */
  async function hear(store: PostgresEventStore, heard: number[]): Promise<void> {
    for await (const { position } of store.subscribe({ category: "account" }).events()) heard.push(position);
  }

  test.each([{ pollIntervalMs: 1_000 }, { pollIntervalMs: 50, listen: false }])(
    "subscriptions hear what others write when the connections go silent, after a look and its time ($pollIntervalMs ms)",
    async (options) => {
      const { store, direct, time, silence } = await silencable(options);
      const heard: number[] = [];
      hear(store, heard).catch(() => undefined);
      // In small steps: what the server answers takes real time.
      const untilHeard = async (positions: readonly number[]): Promise<void> => {
        await expect.poll(() => time.clock.advanceBy(50).then(() => heard), { timeout: 20_000 }).toEqual(positions);
      };
      await write(direct);
      await untilHeard([0]);
      silence();
      await write(direct);
      await time.clock.advanceBy(options.pollIntervalMs);
      expect(heard).toEqual([0]);
      await time.clock.advanceBy(5_000);
      await untilHeard([0, 1]);
      await write(direct);
      await untilHeard([0, 1, 2]);
    },
  );

  test("a read whose connection goes silent is made again on another one, and rejects where there is no time to", async () => {
    const patient = await silencable({ listen: false });
    const hasty = await silencable({ listen: false, retryForMs: 0, answerTimeoutMs: 2_000 });
    for (const { store, direct, silence } of [patient, hasty]) {
      await write(direct);
      expect(await collect(store, { all: true })).toHaveLength(1);
      silence();
    }
    const again = collect(patient.store, { all: true });
    await patient.time.clock.advanceBy(30_000);
    await expect.poll(() => patient.time.pendingTimers).toBe(1);
    await patient.time.clock.advanceBy(20);
    expect(await again).toHaveLength(1);
    const outcome = collect(hasty.store, { all: true }).catch((error: unknown) => error);
    await hasty.time.clock.advanceBy(2_000);
    expect(await outcome).toMatchObject({
      code: "store-unavailable",
      retryable: true,
      cause: { message: expect.stringContaining("2000 ms") },
    });
    expect(await collect(hasty.store, { all: true })).toHaveLength(1);
  });

  const callersPool = (where: string): Pool => {
    const pool = new pg.Pool({ connectionString: where });
    onTestFinished(() => pool.end());
    return pool;
  };

  test.each([
    ["of its own", undefined],
    ["of the caller's", callersPool],
  ])("a store with a pool %s is closed in time where nothing answers any more", async (_whose, whereOf) => {
    const { store, direct, time, silence } = await silencable({}, whereOf);
    const subscription = store.subscribe({ all: true });
    const messages = subscription[Symbol.asyncIterator]();
    await messages.next();
    await write(store);
    silence();
    const written = write(store).catch((error: unknown) => error);
    await time.settle();
    const startMs = time.clock.monotonicMs();
    const closing = store.close();
    await untilSettled(closing, time);
    await closing;
    expect(time.clock.monotonicMs() - startMs).toBeLessThanOrEqual(31_000);
    expect(await written).toMatchObject({ code: "store-unavailable", retryable: true });
    expect(await collect(direct, { all: true })).toHaveLength(1);
    await subscription.close();
  });
});
