import type { Position } from "@reactive-domain/core";
import type { CheckpointItem, DeliveryRef, SnapshotItem, WriteItem, WriteResult } from "@reactive-domain/persistence";
import { appendsOf, lastPosition, leftToDo, planWrite, refuseCheckpoint, type ProgressView } from "@reactive-domain/persistence/adapter";
import type { Checkpoints } from "./checkpoints.ts";
import type { EventWriter } from "./event-writer.ts";
import type { GroupStore } from "./group-store.ts";
import type { Leases } from "./leases.ts";
import type { Snapshots } from "./snapshots.ts";

/** What a write may change. */
export interface StoreParts {
  readonly events: EventWriter;
  readonly snapshots: Snapshots;
  readonly checkpoints: Checkpoints;
  readonly leases: Leases;
  readonly groups: GroupStore;
}

/** Decides about writes and carries them out, inside a transaction that its caller holds: first all of a write is decided, then all of it is done. */
export class StoreWriter implements ProgressView {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Errors: those of the port's `write`; then nothing of this write was done. */
  write(items: readonly WriteItem[]): WriteResult {
    const { events } = this.#parts;
    const repeated = planWrite(items, events.streams);
    const wanted = repeated === undefined ? items : leftToDo(items, this);
    for (const item of wanted) this.#refuse(item, wanted);
    const streams = appendsOf(wanted).map((item) => events.append(item));
    for (const item of wanted) if (item.kind !== "append") this.#carryOut(item);
    return repeated ?? { position: lastPosition(streams), streams, repeated: false };
  }

  checkpoint(name: string): Position | null {
    return this.#parts.checkpoints.get(name);
  }

  isHeld(group: string, delivery: DeliveryRef): boolean {
    return this.#parts.groups.isHeld(group, delivery);
  }

  /** Decides what {@link planWrite} does not. Nothing is changed. */
  #refuse(item: WriteItem, items: readonly WriteItem[]): void {
    if (item.kind === "checkpoint") this.#refuseCheckpoint(item, items);
    else if (item.kind === "settle") this.#parts.groups.refuse(item);
  }

  /** The log that a checkpoint must not be ahead of holds what writes before it in the transaction have added, and what its own adds. */
  #refuseCheckpoint(item: CheckpointItem, items: readonly WriteItem[]): void {
    const { checkpoints, events, leases } = this.#parts;
    const head = events.lastPosition + countEvents(items);
    const view = { actual: checkpoints.get(item.name), lease: leases.last(item.name), head: head < 0 ? null : (head as Position) };
    refuseCheckpoint(item, view);
  }

  /** Does what was decided. Nothing can be refused any more. */
  #carryOut(item: WriteItem): void {
    const { events, snapshots, checkpoints, groups } = this.#parts;
    if (item.kind === "delete" || item.kind === "tombstone") {
      events.streams.delete(item.stream, item.kind);
      snapshots.remove(item.stream);
    } else if (item.kind === "metadata") events.streams.describe(item.stream, item.metadata);
    else if (item.kind === "snapshot") this.#putSnapshot(item);
    else if (item.kind === "checkpoint") checkpoints.move(item);
    else if (item.kind === "settle") groups.settle(item);
  }

  /** One of before the deletion of its stream may come late: it says nothing of what is written since. */
  #putSnapshot(item: SnapshotItem): void {
    const { events, snapshots } = this.#parts;
    if (!events.streams.hasDeleted(item.name, item.version)) snapshots.put(item);
  }
}

/** How many events a write adds. */
export function countEvents(items: readonly WriteItem[]): number {
  return appendsOf(items).reduce((count, { events }) => count + events.length, 0);
}
