import { position } from "@reactive-domain/core";
import type { AppendItem, CheckpointItem, WriteItem } from "@reactive-domain/persistence";
import type { PostgresEventStore } from "@reactive-domain/postgres";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import type { PoolClient } from "pg";
import { describe, expect, test, vi } from "vitest";
import { follow } from "./follow.ts";
import { openedStore, proxied } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

const MOST_PLACES = 120;

describe.each(await postgresServers())("$name", ({ url }) => {
  /** A store, and a table of its caller's beside it. */
  interface Bank {
    readonly schema: string;
    readonly store: PostgresEventStore;
    /** Work of the caller's own. */
    add(client: PoolClient, amount: number): Promise<void>;
    /** What was added, in order. */
    amounts(): Promise<readonly number[]>;
  }

  async function bank(): Promise<Bank> {
    const schema = temporarySchema(url);
    const store = await openedStore(url, { schema });
    await withClient(url, (client) => client.query(`CREATE TABLE ${schema}.balances (nth serial, amount int)`));
    return {
      schema,
      store,
      add: async (client, amount) => void (await client.query(`INSERT INTO ${schema}.balances (amount) VALUES ($1)`, [amount])),
      amounts: () =>
        withClient(url, async (client) => {
          const { rows } = await client.query<{ readonly amount: number }>(`SELECT amount FROM ${schema}.balances ORDER BY amount`);
          return rows.map(({ amount }) => amount);
        }),
    };
  }

  const appendOf = (stream: string, count = 1): AppendItem => ({
    kind: "append",
    stream,
    expectedVersion: "noStream",
    events: newEvents(count),
  });

  const checkpoint = (expected: number | null, at: number): CheckpointItem => ({
    kind: "checkpoint",
    name: "balances",
    expected: expected === null ? null : position(expected),
    position: position(at),
  });

  test("the caller's own rows and a checkpoint are committed together, and seen together", async () => {
    const { store, add, amounts } = await bank();
    await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
    const result = await store.transaction(async (client) => {
      await add(client, 5);
      // Nobody else sees it yet.
      expect(await amounts()).toEqual([]);
      return [checkpoint(null, 0)];
    });
    expect(result).toEqual({ position: null, streams: [], repeated: false });
    expect(await amounts()).toEqual([5]);
    expect(await store.checkpoint("balances")).toBe(0);
  });

  test("the caller's own rows and events are committed together, and subscriptions hear of it", async () => {
    const { store, schema, add, amounts } = await bank();
    const other = await openedStore(url, { schema, pollIntervalMs: 1_000_000 });
    const following = [follow(store, { all: true }, 3), follow(other, { all: true }, 3)];
    for (let nth = 0; nth < 3; nth++) {
      const append = appendOf(`account-${nth}`);
      const result = await store.transaction(async (client) => {
        await add(client, nth);
        return [append];
      });
      expect(result).toMatchObject({ position: nth, streams: [{ stream: append.stream, version: 0 }], repeated: false });
    }
    for (const events of await Promise.all(following)) expectNoHoles(events);
    expect(await amounts()).toEqual([0, 1, 2]);
  });

  test("an item that is refused undoes the caller's own rows and all other items", async () => {
    const { store, add, amounts } = await bank();
    await store.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    const refused: readonly (readonly [WriteItem, string])[] = [
      [appendOf("account-1"), "wrong-expected-version"],
      [checkpoint(5, 0), "wrong-checkpoint"],
      [checkpoint(null, 99), "ahead-of-log"],
      [{ kind: "append", stream: "", expectedVersion: "any", events: newEvents(1) }, "invalid-write"],
      [{ kind: "settle", group: "none", deliveries: [{ position: position(0), fence: 1 as never, outcome: "skip" }] }, "group-not-found"],
    ];
    for (const [item, code] of refused) {
      const call = store.transaction(async (client) => {
        await add(client, 1);
        return [appendOf("account-2"), item];
      });
      await expect(call).rejects.toMatchObject({ code });
    }
    expect(await amounts()).toEqual([]);
    expect(await collect(store, { all: true })).toHaveLength(1);
    expect(await store.append("account-3", [newEvent()], { expectedVersion: "noStream" })).toMatchObject({ position: 1 });
  });

  test("an append that was done before gives its first outcome, and the work of this time is undone", async () => {
    const { store, add, amounts } = await bank();
    const append = appendOf("account-1", 2);
    const work = async (client: PoolClient): Promise<readonly WriteItem[]> => {
      await add(client, 1);
      return [append, checkpoint(null, 1)];
    };
    const first = await store.transaction(work);
    await store.append("account-1", [newEvent()], { expectedVersion: "exists" });
    expect(await store.transaction(work)).toEqual({ ...first, repeated: true });
    expect(await amounts()).toEqual([1]);
    expect(await collect(store, { all: true })).toHaveLength(3);
  });

  test("where progress beside events that were written before is left to do, the work of this time is kept", async () => {
    const { store, add, amounts } = await bank();
    const append = appendOf("account-1", 2);
    const first = await store.write([append]);
    const call = store.transaction(async (client) => {
      await add(client, 1);
      return [append, checkpoint(null, 1)];
    });
    expect(await call).toEqual({ ...first, repeated: true });
    expect(await amounts()).toEqual([1]);
    expect(await store.checkpoint("balances")).toBe(1);
  });

  test("work that throws, or whose own statement fails, is undone, and its error comes as it is", async () => {
    const { store, add, amounts } = await bank();
    const thrown = new RangeError("no such account");
    const throwing = store.transaction(async (client) => {
      await add(client, 1);
      throw thrown;
    });
    await expect(throwing).rejects.toBe(thrown);
    const failing = store.transaction(async (client) => {
      await add(client, 1);
      await client.query("SELECT 1 / 0");
      return [appendOf("account-1")];
    });
    await expect(failing).rejects.toMatchObject({ code: "22012", severity: "ERROR" });
    // One that goes on after its statement failed commits nothing either.
    const heedless = store.transaction(async (client) => {
      await add(client, 1);
      await client.query("SELECT 1 / 0").catch(() => undefined);
      return [appendOf("account-1")];
    });
    await expect(heedless).rejects.toMatchObject({ code: "store-unavailable", retryable: false });
    expect(await amounts()).toEqual([]);
    expect(await collect(store, { all: true })).toEqual([]);
    // The connections went back to the pool as they came.
    await store.transaction(async (client) => {
      await add(client, 2);
      return [appendOf("account-1")];
    });
    expect(await amounts()).toEqual([2]);
  });

  test("many at the same time keep the order of the log, and none is lost", async () => {
    const { store, add, amounts } = await bank();
    const count = 40;
    const calls = Array.from({ length: count }, (_, nth) =>
      store.transaction(async (client) => {
        await add(client, nth);
        return [{ kind: "append", stream: `account-${nth % 3}`, expectedVersion: "any", events: newEvents(2) }];
      }),
    );
    const appends = Array.from({ length: count }, (_, nth) => store.append(`account-${nth % 3}`, [newEvent()], { expectedVersion: "any" }));
    await Promise.all([...calls, ...appends]);
    const events = await collect(store, { all: true });
    expect(events).toHaveLength(3 * count);
    expectNoHoles(events);
    expect(await amounts()).toEqual(Array.from({ length: count }, (_, nth) => nth));
  });

  test("of two that move one checkpoint one is refused, with its work", async () => {
    const { store, add, amounts } = await bank();
    await store.append("account-1", newEvents(2), { expectedVersion: "noStream" });
    const calls = [1, 2].map((amount) =>
      store.transaction(async (client) => {
        await add(client, amount);
        return [checkpoint(null, 0)];
      }),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "wrong-checkpoint" } });
    expect(await amounts()).toHaveLength(1);
  });

  test("a closed store refuses; the work is not begun", async () => {
    const { store } = await bank();
    await store.close();
    const work = vi.fn<() => Promise<readonly WriteItem[]>>(() => Promise.resolve([appendOf("account-1")]));
    await expect(store.transaction(work)).rejects.toMatchObject({ code: "already-closed" });
    expect(work).not.toHaveBeenCalled();
  });

  test("wherever its connection breaks it is done or not done, never in part, and may be repeated", async () => {
    const { schema, store: direct, add, amounts } = await bank();
    const proxy = await proxied(url);
    for (let place = 1, reached = true; reached; place++) {
      const store = await openedStore(proxy.url, { schema, listen: false, retryForMs: 0 });
      const append = appendOf(`account-${place}`);
      const work = async (client: PoolClient): Promise<readonly WriteItem[]> => {
        await add(client, place);
        return [append, checkpoint(place === 1 ? null : place - 2, place - 1)];
      };
      const cut = proxy.cutAt(place);
      const outcome = await store.transaction(work).catch((error: unknown) => error);
      reached = cut.reached;
      cut.remove();
      expect(outcome).toMatchObject(reached ? { code: "store-unavailable", retryable: true } : { position: place - 1, repeated: false });
      const isDone = (await direct.streamInfo(append.stream)).state === "live";
      expect(await amounts()).toHaveLength(isDone ? place : place - 1);
      expect(await direct.checkpoint("balances")).toBe(isDone ? place - 1 : place === 1 ? null : place - 2);
      expect(await store.transaction(work)).toMatchObject({ position: place - 1, repeated: isDone });
      expect(await amounts()).toEqual(Array.from({ length: place }, (_, index) => index + 1));
      expect(place).toBeLessThan(MOST_PLACES);
      await store.close();
    }
    expectNoHoles(await collect(direct, { all: true }));
  });
});
