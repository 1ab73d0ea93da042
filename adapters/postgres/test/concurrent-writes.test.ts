import { ReactiveDomainError } from "@reactive-domain/core";
import { WrongCheckpoint, WrongExpectedVersion, type EventStore, type WriteItem } from "@reactive-domain/persistence";
import { openPostgresStore } from "@reactive-domain/postgres";
import { collect, newEvents } from "@reactive-domain/store-tests";
import { postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { explain, type Answered } from "./model/explain.ts";
import { anyIntent, itemsOf, type Intent, type Knowledge } from "./model/intents.ts";
import { EMPTY, refusalText, resultText, write, type WriteModel } from "./model/write-model.ts";

vi.setConfig({ testTimeout: 120_000 });

const CALLERS = 64;
const WRITES_EACH = 4;
const SEEDS = [1, 2, 3, 4, 5, 6];
const DELIVERIES = 60;
const GROUP = "mailer";

interface Prepared {
  readonly model: WriteModel;
  readonly known: Knowledge;
}

/** Fills the log with what a group has delivered. */
async function prepare(store: EventStore): Promise<Prepared> {
  const items: readonly WriteItem[] = [{ kind: "append", stream: "work-1", expectedVersion: "any", events: newEvents(DELIVERIES) }];
  await store.write(items);
  await store.groups.create(GROUP, { source: { category: "work" }, orderBy: "none" });
  const deliveries = await store.groups.claim(GROUP, { consumer: "test", maxEvents: DELIVERIES, leaseMs: 600_000 });
  const held = new Map(deliveries.map(({ position, fence }) => [position, fence]));
  const known = { sent: [], versions: new Map(), checkpoints: new Map(), deliveries };
  return { model: { ...write(EMPTY, items).model, held }, known };
}

/** Has callers write side by side, each one write after another. */
async function writeAll(store: EventStore, intents: readonly Intent[], known: Knowledge): Promise<readonly Answered[]> {
  const answered: Answered[] = [];
  let time = 0;
  const callers = Array.from({ length: CALLERS }, async (_, caller) => {
    for (let index = caller; index < intents.length; index += CALLERS) {
      const items = itemsOf(intents[index] as Intent, known);
      const called = time++;
      const answer = await answerOf(store, items, known);
      answered.push({ items, called, answered: time++, answer });
    }
  });
  await Promise.all(callers);
  return answered;
}

async function answerOf(store: EventStore, items: readonly WriteItem[], { versions, checkpoints }: Knowledge): Promise<string> {
  try {
    const result = await store.write(items);
    for (const { stream, version } of result.streams) versions.set(stream, version);
    for (const item of items) if (item.kind === "checkpoint" && item.position !== null) checkpoints.set(item.name, item.position);
    return resultText(result);
  } catch (error) {
    if (error instanceof WrongExpectedVersion) {
      versions.set(error.stream, error.actual ?? -1);
      return refusalText(error.code, error.actual);
    }
    if (error instanceof WrongCheckpoint) {
      if (error.actual !== null) checkpoints.set(error.name, error.actual);
      return refusalText(error.code, error.actual);
    }
    if (error instanceof ReactiveDomainError && error.code !== "store-unavailable") return error.code;
    throw error;
  }
}

/** All that a store has, against what a model has. */
async function expectSame(store: EventStore, model: WriteModel): Promise<void> {
  const log = await collect(store, { all: true });
  expect(log.map(({ stream, id, version, position }) => ({ stream, id, version, position }))).toEqual(model.log);
  for (const name of ["hot-0", "hot-1", "hot-2", "hot-3"]) {
    expect(await store.checkpoint(name)).toBe(model.checkpoints.get(name) ?? null);
    expect((await store.snapshot(name))?.hash).toBe(model.snapshots.get(name)?.hash);
  }
  const { waiting, claimed, parked } = await store.groups.status(GROUP);
  expect({ waiting, claimed, parked }).toEqual({ waiting: 0, claimed: model.held.size, parked: model.parked.size });
}

/** How many transactions have written events. */
async function commitsIn(url: string, schema: string): Promise<number> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ count: string }>(`SELECT count(DISTINCT xmin::text) AS count FROM ${schema}.events`),
  );
  return Number(rows[0]?.count);
}

describe.each(await postgresServers())("$name", ({ url }) => {
  test("what many callers of one store are told of writes of all kinds, decided in groups, is what some order of them would have told", async () => {
    const seen = new Map<string, number>();
    for (const seed of SEEDS) {
      const intents = fc.sample(anyIntent, { seed, numRuns: CALLERS * WRITES_EACH });
      const schema = temporarySchema(url);
      await using store = await openPostgresStore(url, { schema });
      const { model, known } = await prepare(store);
      const answered = await writeAll(store, intents, known);
      const explained = explain(model, answered);
      if ("problem" in explained) throw new Error(`Seed ${seed}: ${explained.problem}`);
      await expectSame(store, explained.model);
      const commits = await commitsIn(url, schema);
      const written = answered.filter(({ answer }) => /^done .*@/.test(answer));
      expect([seed, written.length > 2 * commits, intents.length > 8 * commits]).toEqual([seed, true, true]);
      for (const { answer } of answered) {
        const kind = /^[a-z-]+/.exec(answer)?.[0] ?? "";
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }
    }
    const codes = [
      "event-already-recorded",
      "wrong-expected-version",
      "stream-tombstoned",
      "wrong-checkpoint",
      "ahead-of-log",
      "delivery-lost",
    ];
    for (const kind of ["done", "repeated", ...codes]) expect([kind, (seen.get(kind) ?? 0) > 0]).toEqual([kind, true]);
  });
});
