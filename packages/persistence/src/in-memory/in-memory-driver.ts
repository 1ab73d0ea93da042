import { currentRuntime, type Position, type Runtime } from "@reactive-domain/core";
import type { EventStoreDriver, GroupDriver, LeaseDriver, PageRequest, SnapshotPageRequest } from "../adapter/driver.ts";
import { leftToDo, type ProgressView } from "../adapter/left-to-do.ts";
import { appendsOf, lastPosition, planWrite } from "../adapter/plan-write.ts";
import { snapshotToUse } from "../adapter/snapshot-to-use.ts";
import type { DeliveryRef } from "../consumer-group.ts";
import { refuseCheckpoint } from "../adapter/refuse-checkpoint.ts";
import type { ScavengeResult } from "../event-store.ts";
import type { EventBatch } from "../read.ts";
import type { Snapshot } from "../snapshot.ts";
import type { StreamInfo } from "../stream-metadata.ts";
import type { CheckpointItem, DeleteItem, SnapshotItem, TombstoneItem, WriteItem, WriteResult } from "../write.ts";
import { EventLog } from "./event-log.ts";
import { MemoryGroups } from "./memory-groups.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { MemorySnapshots } from "./memory-snapshots.ts";
import { MemoryTransfer } from "./memory-transfer.ts";
import { ownGroups, ownLeases } from "./own-changes.ts";
import { readPage } from "./read-page.ts";

/**
 * The store as collections, and the example for whoever writes the next one. Everything that decides or changes happens between two awaits, which makes each
 * write atomic: first all of it is decided, then all of it is done.
 *
 * Read on in `event-log.ts`, `stream-record.ts`, `event-list.ts` and `read-page.ts`; then, for consumer groups, in `memory-group.ts` and
 * `adapter/group-entries.ts`; for copies, in `memory-transfer.ts`.
 */
export class InMemoryDriver implements EventStoreDriver, ProgressView {
  readonly name = "In-memory store";
  readonly durability = "none: it lives as long as its process";
  // A page refers to events that are there: a large one costs nothing.
  readonly batchEvents = 2_000;
  readonly leases: LeaseDriver;
  readonly groups: GroupDriver;
  readonly transfer: MemoryTransfer;
  readonly #runtime: Runtime = currentRuntime();
  readonly #log = new EventLog();
  readonly #checkpoints = new Map<string, Position>();
  readonly #snapshots = new MemorySnapshots();
  readonly #leases: MemoryLeases;
  readonly #groups: MemoryGroups;
  readonly #listeners = new Set<() => void>();
  #accepted: Promise<void> = Promise.resolve();

  constructor() {
    const now = (): number => this.#now();
    const onChange = (): void => this.#tell();
    this.#leases = new MemoryLeases(now);
    this.#groups = new MemoryGroups({ log: this.#log, now, onChange });
    this.transfer = new MemoryTransfer({
      name: this.name,
      id: this.#runtime.ids.next(),
      log: this.#log,
      checkpoints: this.#checkpoints,
      snapshots: this.#snapshots,
      leases: this.#leases,
      groups: this.#groups,
      onChange,
    });
    const own = <T>(change: () => T): T => this.transfer.own(change);
    this.leases = ownLeases(this.#leases, own);
    this.groups = ownGroups(this.#groups, own);
  }

  async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const turn = this.#runtime.scheduler.turn();
    if (turn !== undefined) await this.#inOrder(turn);
    return this.transfer.own(() => this.#write(items));
  }

  readPage(request: PageRequest): EventBatch {
    return readPage(this.#log, request, this.#now());
  }

  readBehindSnapshot(request: SnapshotPageRequest): EventBatch {
    const snapshot = snapshotToUse(request, this.snapshot(request.source.stream), this.#log);
    if (snapshot === undefined) return this.readPage(request);
    return { ...this.readPage({ ...request, from: snapshot.version + 1 }), snapshot };
  }

  streamInfo(stream: string): StreamInfo {
    return this.#log.head(stream).info(this.#now());
  }

  snapshot(name: string): Snapshot | undefined {
    return this.#snapshots.get(name);
  }

  checkpoint(name: string): Position | null {
    return this.#checkpoints.get(name) ?? null;
  }

  isHeld(group: string, delivery: DeliveryRef): boolean {
    return this.#groups.isHeld(group, delivery);
  }

  scavenge(): ScavengeResult {
    return this.transfer.own(() => {
      const { events, bytes, removed } = this.#log.scavenge(this.#now());
      this.#groups.forget(removed);
      return { events, bytes };
    });
  }

  onCommit(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async close(): Promise<void> {
    await this.#accepted;
    this.#listeners.clear();
  }

  #write(items: readonly WriteItem[]): WriteResult {
    const repeated = planWrite(items, this.#log);
    const wanted = repeated === undefined ? items : leftToDo(items, this);
    this.#refuse(wanted);
    const nowMs = this.#now();
    const streams = appendsOf(wanted).map((item) => this.#log.append(item, nowMs));
    for (const item of wanted) this.#carryOut(item, nowMs);
    if (wanted.length > 0) this.#tell();
    return repeated ?? { position: lastPosition(streams), streams, repeated: false };
  }

  /** Decides what {@link planWrite} does not. Nothing is changed. */
  #refuse(items: readonly WriteItem[]): void {
    for (const item of items) {
      if (item.kind === "checkpoint") this.#refuseCheckpoint(item, items);
      else if (item.kind === "settle") this.#groups.group(item.group).refuseLost(item.deliveries);
    }
  }

  #refuseCheckpoint(item: CheckpointItem, items: readonly WriteItem[]): void {
    const added = appendsOf(items).reduce((count, { events }) => count + events.length, 0);
    const head = (this.#log.headPosition ?? -1) + added;
    const view = { actual: this.checkpoint(item.name), lease: this.#leases.last(item.name), head: head < 0 ? null : (head as Position) };
    refuseCheckpoint(item, view);
  }

  /** Does what was decided, except for appends. Nothing can fail any more. */
  #carryOut(item: WriteItem, nowMs: number): void {
    if (item.kind === "delete" || item.kind === "tombstone") this.#delete(item);
    else if (item.kind === "metadata") this.#log.record(item.stream).describe(item.metadata);
    else if (item.kind === "snapshot") this.#putSnapshot(item, nowMs);
    else if (item.kind === "checkpoint") this.#moveCheckpoint(item);
    else if (item.kind === "settle") this.#groups.group(item.group).settle(item.deliveries, nowMs);
  }

  #delete({ kind, stream }: DeleteItem | TombstoneItem): void {
    const record = this.#log.record(stream);
    if (kind === "tombstone") record.tombstone();
    else record.delete();
    this.#snapshots.remove(stream);
  }

  /** One of before the deletion of its stream may come late: it says nothing of what is written since. */
  #putSnapshot(item: SnapshotItem, nowMs: number): void {
    if (!this.#log.head(item.name).hasDeleted(item.version)) this.#snapshots.put(item, nowMs);
  }

  #moveCheckpoint({ name, position }: CheckpointItem): void {
    if (position === null) this.#checkpoints.delete(name);
    else this.#checkpoints.set(name, position);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #now(): number {
    return this.#runtime.clock.now();
  }

  /** Turns come in any order; writes are done in the order of the calls. */
  #inOrder(turn: Promise<void>): Promise<void> {
    this.#accepted = this.#accepted.then(() => turn);
    return this.#accepted;
  }
}
