import { position } from "@reactive-domain/core";
import type { AppendItem, EventStore, Settlement, WriteItem } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvent, newEvents } from "@reactive-domain/store-tests";
import { expectNoHoles } from "@reactive-domain/store-tests/vitest";
import { postgresServers, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { openedStore, proxied } from "./opened-store.ts";

vi.setConfig({ testTimeout: 30_000 });

const MOST_PLACES = 80;
/** The last messages that a server sends: the first of them tells that it has committed. */
const COMMITTED = "C";

describe.each(await postgresServers())("$name", ({ url }) => {
  /** Does something with a new store again and again, whose connection is cut at one protocol message after the other. Tells how many there are. */
  async function atEveryPlace(work: (store: EventStore, place: number, direct: EventStore) => Promise<void>): Promise<number> {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    const proxy = await proxied(url);
    for (let place = 1; place < MOST_PLACES; place++) {
      await using store = await openPostgresStore(proxy.url, { schema, listen: false });
      const cut = proxy.cutAt(place);
      await work(store, place, direct);
      cut.remove();
      if (!cut.reached) return place - 1;
    }
    throw new Error(`There are more than ${MOST_PLACES} places.`);
  }

  const appendOf = (stream: string, count = 1): AppendItem => ({
    kind: "append",
    stream,
    expectedVersion: "noStream",
    events: newEvents(count),
  });

  /** The events of a stream are those of an append, each once. */
  async function expectWritten(store: EventStore, { stream, events }: AppendItem): Promise<void> {
    expect((await collect(store, { stream })).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  }

  async function expectLogIsSound(store: EventStore, count: number): Promise<void> {
    const events = await collect(store, { all: true });
    expect(events).toHaveLength(count);
    expectNoHoles(events);
  }

  test("one append is written once, wherever its connection breaks, and so when it is repeated", async () => {
    const places = await atEveryPlace(async (store, place, direct) => {
      const append = appendOf(`account-${place}`);
      const first = await store.write([append]);
      expect(first.streams).toEqual([{ stream: append.stream, version: 0, position: place - 1 }]);
      await expectWritten(direct, append);
      expect(await store.write([append])).toMatchObject({ repeated: true, streams: first.streams });
      await expectLogIsSound(direct, place);
    });
    expect(places).toBeGreaterThan(8);
  });

  test("one append is written once where its connection breaks behind its commit, and then at every place of the repetition", async () => {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    const proxy = await proxied(url);
    for (let place = 1, reached = true; reached; place++) {
      await using store = await openPostgresStore(proxy.url, { schema, listen: false });
      const first = proxy.cutAt(1, ({ direction, type }) => direction === "toClient" && type === COMMITTED);
      const second = proxy.cutAt(place, () => first.reached);
      const append = appendOf(`account-${place}`);
      expect(await store.write([append])).toMatchObject({ position: place - 1 });
      await expectWritten(direct, append);
      reached = second.reached;
      second.remove();
      expect(place).toBeLessThan(MOST_PLACES);
    }
  });

  test("writes that are committed together have their outcomes, written once or refused, wherever their connection breaks", async () => {
    const places = await atEveryPlace(async (store, place, direct) => {
      const appends = Array.from({ length: 5 }, (_, nth) => appendOf(`account-${place}.${nth}`, 3));
      const outcomes = await Promise.allSettled([...appends, appendOf(`account-${place}.0`)].map((append) => store.write([append])));
      expect(outcomes.map(({ status }) => status)).toEqual([...appends.map(() => "fulfilled"), "rejected"]);
      expect(outcomes.at(-1)).toMatchObject({ reason: { code: "wrong-expected-version", actual: 2 } });
      for (const append of appends) await expectWritten(direct, append);
      await expectLogIsSound(direct, 15 * place);
    });
    expect(places).toBeGreaterThan(8);
  });

  /** A delivery to settle, of a group of its own. */
  async function delivered(store: EventStore, place: number): Promise<{ readonly group: string; readonly settlement: Settlement }> {
    const group = `group-${place}`;
    await store.append(`source-${place}`, [newEvent()], { expectedVersion: "noStream" });
    await store.groups.create(group, { source: { stream: `source-${place}` } });
    const [delivery] = await store.groups.claim(group, { consumer: "one" });
    if (delivery === undefined) throw new Error("There is nothing to settle.");
    return { group, settlement: { position: delivery.position, fence: delivery.fence, outcome: "acknowledge" } };
  }

  test("a write of several items is done once, wherever its connection breaks", async () => {
    const places = await atEveryPlace(async (store, place, direct) => {
      const { group, settlement } = await delivered(direct, place);
      const append = appendOf(`account-${place}`, 2);
      const items: readonly WriteItem[] = [
        append,
        { kind: "checkpoint", name: append.stream, expected: null, position: position(0) },
        { kind: "snapshot", name: append.stream, version: 1, schemaVersion: 1, hash: "h", contentType: "application/json", data: "{}" },
        { kind: "settle", group, deliveries: [settlement] },
      ];
      for (let time = 1; time <= 2; time++) {
        expect(await store.write(items)).toMatchObject({ position: 3 * place - 1 });
        await expectWritten(direct, append);
        expect(await direct.checkpoint(append.stream)).toBe(0);
        expect(await direct.snapshot(append.stream)).toMatchObject({ version: 1, data: "{}" });
        expect(await direct.groups.status(group)).toMatchObject({ claimed: 0, waiting: 0 });
      }
    });
    expect(places).toBeGreaterThan(8);
  });

  test("a checkpoint alone is moved once and told so, wherever its connection breaks", async () => {
    await atEveryPlace(async (store, place, direct) => {
      await direct.append(`account-${place}`, [newEvent()], { expectedVersion: "noStream" });
      const expected = place === 1 ? null : position(place - 2);
      const moved = await store.write([{ kind: "checkpoint", name: "reader", expected, position: position(place - 1) }]);
      expect(moved).toMatchObject({ position: null, streams: [] });
      expect(await direct.checkpoint("reader")).toBe(place - 1);
    });
  });

  test("a settlement alone is done once and told so, wherever its connection breaks", async () => {
    await atEveryPlace(async (store, place, direct) => {
      const { group, settlement } = await delivered(direct, place);
      expect(await store.write([{ kind: "settle", group, deliveries: [settlement] }])).toMatchObject({ position: null, streams: [] });
      expect(await direct.groups.status(group)).toMatchObject({ claimed: 0, waiting: 0 });
    });
  });

  test("without time to try again a write says that it may be tried again, and is written once when it is", async () => {
    const schema = temporarySchema(url);
    const direct = await openedStore(url, { schema });
    const proxy = await proxied(url);
    const outcomes: unknown[] = [];
    for (let place = 1, reached = true; reached; place++) {
      await using store = await openPostgresStore(proxy.url, { schema, listen: false, retryForMs: 0 });
      const append = appendOf(`account-${place}`, 2);
      const cut = proxy.cutAt(place);
      outcomes.push(await store.write([append]).catch((error: unknown) => error));
      reached = cut.reached;
      cut.remove();
      expect(await store.write([append])).toMatchObject({ position: 2 * place - 1 });
      await expectWritten(direct, append);
      expect(place).toBeLessThan(MOST_PLACES);
    }
    const unavailable = expect.objectContaining({ code: "store-unavailable", retryable: true });
    expect(outcomes.slice(0, -1)).toEqual(outcomes.slice(0, -1).map(() => unavailable));
    expect(outcomes.at(-1)).toMatchObject({ repeated: false });
  });
});
