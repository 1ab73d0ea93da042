import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { follow } from "./follow.ts";
import { openedStore, proxied } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

/** Nothing but what a test waits for wakes anybody. */
const NEVER_MS = 1_000_000;
/** The first message by which a server tells that it has committed. */
const COMMITTED = "C";

describe.each(await postgresServers())("$name", ({ url }) => {
  test("a subscription of the writer's own and one of another process hear of a write whose connection broke behind its commit", async () => {
    const schema = temporarySchema(url);
    const other = await openedStore(url, { schema, pollIntervalMs: NEVER_MS });
    const proxy = await proxied(url);
    const store = await openedStore(proxy.url, { schema, pollIntervalMs: NEVER_MS });
    const following = [store, other].map((each) => each.subscribe({ all: true }).events());
    let written = 0;
    const writeAndHear = async (count: number): Promise<void> => {
      for (let nth = 0; nth < count; nth++) await store.append("account-1", [newEvent()], { expectedVersion: "any" });
      written += count;
      for (const events of following) {
        for (let next = written - count; next < written; next++) expect((await events.next()).value).toMatchObject({ position: next });
      }
    };
    await writeAndHear(1);
    for (let time = 0; time < 3; time++) {
      // Writes that follow each other closely are not told one by one.
      for (const count of [1, 2]) {
        const cut = proxy.cutAt(count, ({ direction, type }) => direction === "toClient" && type === COMMITTED);
        await writeAndHear(count);
        expect(cut.reached).toBe(true);
      }
    }
    for (const events of following) await events.return?.();
  });

  test("a read whose connection breaks anywhere goes on and comes out whole", async () => {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    await direct.append("account-1", newEvents(300), { expectedVersion: "noStream" });
    await direct.append("account-2", newEvents(300), { expectedVersion: "noStream" });
    const proxy = await proxied(url);
    for (const source of [{ all: true }, { stream: "account-2" }] as const) {
      const expected = await collect(direct, source);
      for (let place = 1, reached = true; reached; place += 41) {
        const store = await openedStore(proxy.url, { schema, listen: false });
        const cut = proxy.cutAt(place);
        const events = await collect(store, source, { maxBatchEvents: 100 });
        reached = cut.reached;
        cut.remove();
        expect(events.map(({ id, position: at }) => [id, at])).toEqual(expected.map(({ id, position: at }) => [id, at]));
      }
    }
  });

  test("subscriptions go on without loss while all connections are cut again and again", async () => {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    const proxy = await proxied(url);
    const store = await openedStore(proxy.url, { schema, pollIntervalMs: NEVER_MS });
    const total = 240;
    const following = Promise.all([
      follow(store, { all: true }, total),
      follow(store, { category: "account" }, total, { maxBatchEvents: 7 }),
      follow(store, { stream: "account-1" }, total / 4),
    ]);
    for (let nth = 0; nth < total; nth++) {
      await direct.append(`account-${nth % 4}`, [newEvent()], { expectedVersion: "any" });
      if (nth % 24 === 5) proxy.cut();
    }
    const [all, category, stream] = await following;
    expectNoHoles(all);
    expect(category.map(({ position: at }) => at)).toEqual(all.map(({ position: at }) => at));
    expect(stream.map(({ version }) => version)).toEqual(Array.from({ length: total / 4 }, (_, index) => index));
  });

  test("who waits for others wakes up again after the connection that listens was lost, and the server away for a while", async () => {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    const proxy = await proxied(url);
    const store = await openedStore(proxy.url, { schema, pollIntervalMs: NEVER_MS });
    await store.groups.create("group", { source: { all: true } });
    const following = follow(store, { all: true }, 3);
    await direct.append("account-1", [newEvent()], { expectedVersion: "noStream" });
    const claim = { consumer: "one", maxEvents: 10, waitMs: NEVER_MS };
    expect(await store.groups.claim("group", claim)).toHaveLength(1);
    proxy.cut();
    const second = store.groups.claim("group", { ...claim, consumer: "two" });
    await direct.append("account-2", [newEvent()], { expectedVersion: "noStream" });
    expect(await second).toHaveLength(1);
    await proxy.refuse(true);
    proxy.cut();
    await direct.append("account-3", [newEvent()], { expectedVersion: "noStream" });
    await proxy.refuse(false);
    expectNoHoles(await following);
  });
});
