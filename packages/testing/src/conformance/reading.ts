import assert from "node:assert/strict";
import type { EventBatch, EventRead, EventStore, RecordedEvent } from "@reactive-domain/persistence";
import { inTime } from "./deadline.ts";

/** More batches than any case needs: a read that passes it does not end. */
const MAX_BATCHES = 20_000;

/** Every batch of a read. */
export async function batchesOf(read: EventRead): Promise<readonly EventBatch[]> {
  return inTime(collect(read), "The end of a read");
}

async function collect(read: EventRead): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of read.batches()) {
    assert.ok(batches.push(batch) <= MAX_BATCHES, "A read does not end: it gives batch after batch.");
  }
  return batches;
}

/** The first batch of a read, of which there always is one. */
export async function firstBatchOf(read: EventRead): Promise<EventBatch> {
  for await (const batch of read.batches()) return batch;
  return assert.fail("A read gave no batch. It must give at least one, which tells that there is nothing.");
}

/** Every event of a read. */
export async function eventsOf(read: EventRead): Promise<readonly RecordedEvent[]> {
  return (await batchesOf(read)).flatMap(({ events }) => events);
}

/** Every event of a store, in the order of the log. */
export function logOf(store: EventStore): Promise<readonly RecordedEvent[]> {
  return eventsOf(store.read({ all: true }));
}

export const idsOf = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);

export const versionsOf = (events: readonly RecordedEvent[]): readonly number[] => events.map(({ version }) => version);

export const positionsOf = (events: readonly RecordedEvent[]): readonly number[] => events.map(({ position }) => position);

/** The numbers from 0 to `end` - 1. */
export const numbersBelow = (end: number): readonly number[] => Array.from({ length: end }, (_, number) => number);

/** Asserts that a store holds exactly these events, in this order: nothing else was written. */
export async function assertLog(store: EventStore, events: readonly { readonly id: string }[], when: string): Promise<void> {
  const log = await logOf(store);
  assert.deepEqual(idsOf(log), idsOf(events), `The log must hold these events and no others ${when}.`);
  assert.deepEqual(positionsOf(log), numbersBelow(events.length), `Positions must have no holes ${when}.`);
}
