import { randomInt } from "node:crypto";
import type { AppendResult, EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { follow } from "./follow.ts";
import { openedStore } from "./opened-store.ts";
import { waitingSessions } from "./waiting-sessions.ts";

vi.setConfig({ testTimeout: 20_000 });

const WRITERS = 10;
const ROUNDS = 8;
const TYPES = ["Opened", "Deposited", "Delayed", "Withdrawn", "Closed"];

/** A log whose inserts of `Delayed` wait for a lock that the test holds, and whose inserts of `Refused` fail. */
interface SlowLog {
  readonly schema: string;
  /** What delayed inserts wait for. */
  readonly key: number;
  /** Another process: a store with a pool of its own. */
  open(): Promise<EventStore>;
}

describe.each(await postgresServers())("$name", ({ url }) => {
  async function slowLog(): Promise<SlowLog> {
    const schema = temporarySchema(url);
    const key = randomInt(2 ** 31);
    await (await openPostgresStore(url, { schema })).close();
    await withClient(url, (client) =>
      client.query(`
        CREATE FUNCTION ${schema}.hold_up() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
          IF NEW.type = 'Delayed' THEN PERFORM pg_advisory_xact_lock_shared(${key}); END IF;
          IF NEW.type = 'Refused' THEN RAISE EXCEPTION 'refused by a trigger'; END IF;
          RETURN NEW;
        END $body$;
        CREATE TRIGGER hold_up BEFORE INSERT ON ${schema}.events FOR EACH ROW EXECUTE FUNCTION ${schema}.hold_up()`),
    );
    return { schema, key, open: () => openedStore(url, { schema }) };
  }

  /** Holds delayed inserts up while `work` runs. */
  function holdingUp<T>({ key }: SlowLog, work: () => Promise<T>): Promise<T> {
    return withClient(url, async (client) => {
      await client.query("SELECT pg_advisory_lock($1)", [key]);
      const result = await work();
      await client.query("SELECT pg_advisory_unlock($1)", [key]);
      return result;
    });
  }

  test("an append that is held up before its commit is not overtaken, and nobody who reads passes it by", async () => {
    const log = await slowLog();
    const [slow, fast, reader] = [await log.open(), await log.open(), await log.open()];
    const following = follow(reader, { all: true }, 4);
    await slow.append("account-0", [newEvent()], { expectedVersion: "noStream" });
    const appended: AppendResult[] = [];
    const append = async (store: EventStore, stream: string, type: string): Promise<void> => {
      appended.push(await store.append(stream, [newEvent({ type })], { expectedVersion: "noStream" }));
    };
    const appending = await holdingUp(log, async () => {
      const delayed = append(slow, "account-1", "Delayed");
      await waitingSessions(url, log.key);
      const others = [append(fast, "account-2", "Opened"), append(slow, "account-3", "Opened")];
      // Readers are not held up, and see none of it.
      expect(await collect(reader, { all: true })).toHaveLength(1);
      expect(await collect(fast, { category: "account" })).toHaveLength(1);
      expect(appended).toEqual([]);
      return [delayed, ...others];
    });
    await Promise.all(appending);
    expect(appended.map(({ position }) => position).toSorted((left, right) => left - right)).toEqual([1, 2, 3]);
    const seen = await following;
    expectNoHoles(seen);
    expect(seen[1]).toMatchObject({ stream: "account-1", type: "Delayed" });
  });

  test("whatever is held up while ten writers write, every subscription sees each event once, in order", async () => {
    const log = await slowLog();
    const stores = [await log.open(), await log.open(), await log.open()];
    const storeOf = (index: number): EventStore => stores[index % stores.length] as EventStore;
    const total = ROUNDS * WRITERS * TYPES.length;
    const ofType = ROUNDS * WRITERS;
    const writeRound = async (writer: number): Promise<void> => {
      for (const type of TYPES)
        await storeOf(writer).append(`account-${(writer + type.length) % 7}`, [newEvent({ type })], { expectedVersion: "any" });
    };
    const following = Promise.all([
      follow(storeOf(0), { all: true }, total),
      follow(storeOf(1), { all: true }, total, { maxBatchEvents: 3 }),
      follow(storeOf(2), { category: "account" }, total),
      follow(storeOf(0), { eventType: "Opened" }, ofType),
      follow(storeOf(1), { eventType: "Delayed" }, ofType),
    ]);
    for (let round = 0; round < ROUNDS; round++) {
      const writing = await holdingUp(log, async () => {
        const writers = Array.from({ length: WRITERS }, (_, writer) => writeRound(writer));
        await waitingSessions(url, log.key);
        return writers;
      });
      await Promise.all(writing);
    }
    const seen = await following;
    const events = seen[0];
    const placesOf = (some: readonly RecordedEvent[]): readonly number[] => some.map(({ position }) => position);
    expect(events).toHaveLength(total);
    expectNoHoles(events);
    expect(seen.map(placesOf)).toEqual([
      placesOf(events),
      placesOf(events),
      placesOf(events),
      placesOf(events.filter(({ type }) => type === "Opened")),
      placesOf(events.filter(({ type }) => type === "Delayed")),
    ]);
  });

  test("a write that is rolled back, by whatever, leaves no hole", async () => {
    const log = await slowLog();
    const [one, other] = [await log.open(), await log.open()];
    await one.append("account-1", newEvents(2), { expectedVersion: "noStream" });
    const refused = one.append("account-1", [newEvent(), newEvent({ type: "Refused" })], { expectedVersion: "any" });
    await expect(refused).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
    await expect(refused).rejects.toThrow("refused by a trigger");
    expect(await other.append("account-2", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ position: 2 });

    const behind = await holdingUp(log, async () => {
      const cancelled = one.append("account-1", [newEvent({ type: "Delayed" })], { expectedVersion: "any" });
      const told = cancelled.catch((error: unknown) => error);
      const [pid] = await waitingSessions(url, log.key);
      const waiting = other.append("account-2", [newEvent()], { expectedVersion: "any" });
      await withClient(url, (client) => client.query("SELECT pg_cancel_backend($1)", [pid]));
      expect(await told).toMatchObject({ code: "store-unavailable", retryable: true });
      return waiting;
    });
    expect(behind).toMatchObject({ position: 3, version: 1 });
    const events = await collect(one, { all: true });
    expect(events).toHaveLength(4);
    expectNoHoles(events);
  });

  test("a write whose session is ended while it is held up is written once", async () => {
    const log = await slowLog();
    const store = await log.open();
    const appending = await holdingUp(log, async () => {
      const append = store.append("account-1", [newEvent({ type: "Delayed" })], { expectedVersion: "noStream" });
      const [pid] = await waitingSessions(url, log.key);
      await withClient(url, (client) => client.query("SELECT pg_terminate_backend($1)", [pid]));
      return [append];
    });
    expect(await appending[0]).toMatchObject({ position: 0, version: 0 });
    expect(await collect(store, { all: true })).toHaveLength(1);
  });
});
