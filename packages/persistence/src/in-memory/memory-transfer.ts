import type { Position } from "@reactive-domain/core";
import type { TransferDriver } from "../adapter/driver.ts";
import { leftToTake, NOTHING_TAKEN, planTransfer } from "../adapter/plan-transfer.ts";
import { CopyUnderWay, TransferRefused } from "../errors.ts";
import { fence } from "../lease.ts";
import type { RecordedEventFields } from "../recorded-event.ts";
import type { GroupEntryRecord, StoreRecord } from "../store-record.ts";
import type { CopyProgress, EventsPart, RecordsPart, TransferPart, TransferStatus } from "../transfer.ts";
import type { EventLog } from "./event-log.ts";
import type { EntryState } from "../adapter/group-entry.ts";
import { KeptEvent } from "./kept-event.ts";
import type { MemoryGroups } from "./memory-groups.ts";
import type { MemoryLeases } from "./memory-leases.ts";
import type { MemorySnapshots } from "./memory-snapshots.ts";

export interface MemoryTransferOptions {
  /** What errors call the store. */
  readonly name: string;
  /** Names the log, until it is a copy of another. */
  readonly id: string;
  readonly log: EventLog;
  readonly checkpoints: Map<string, Position>;
  readonly snapshots: MemorySnapshots;
  readonly leases: MemoryLeases;
  readonly groups: MemoryGroups;
  /** To be called when events or groups have changed. */
  readonly onChange: () => void;
}

const PAGE_RECORDS = 1_000;

/** Everything that a store holds, to be handed to another one and taken from it. */
export class MemoryTransfer implements TransferDriver {
  readonly #parts: MemoryTransferOptions;
  #id: string;
  #copy: CopyProgress | null = null;

  constructor(parts: MemoryTransferOptions) {
    this.#parts = parts;
    this.#id = parts.id;
  }

  status(): TransferStatus {
    const { log, groups } = this.#parts;
    const head = log.headPosition;
    const isEmpty = head === null && groups.lastFence === 0 && this.#state().length === 0;
    return { log: this.#id, head, isEmpty, copy: this.#copy };
  }

  *records(): Iterable<readonly StoreRecord[]> {
    const { log, groups } = this.#parts;
    const records: StoreRecord[] = [
      { kind: "log", head: log.headPosition, headTimeMs: log.headTimeMs, lastFence: groups.lastFence },
      ...this.#state(),
    ];
    for (let begin = 0; begin < records.length; begin += PAGE_RECORDS) yield records.slice(begin, begin + PAGE_RECORDS);
  }

  take(part: TransferPart): CopyProgress {
    const status = this.status();
    const progress = planTransfer(part, this.#parts.name, status);
    if (progress === undefined) return status.copy ?? NOTHING_TAKEN;
    if (part.kind === "events") this.#takeEvents(leftToTake(part, status));
    else this.#takeRecords(part);
    this.#id = part.log;
    this.#copy = progress;
    this.#parts.onChange();
    return progress;
  }

  /** Does what is no part of a copy. Errors: `copy-under-way`. */
  own<T>(change: () => T): T {
    if (this.#copy?.isLevel === false) throw new CopyUnderWay(this.#parts.name);
    const outcome = change();
    this.#copy = null;
    return outcome;
  }

  #state(): readonly StoreRecord[] {
    const { log, snapshots, checkpoints, leases, groups } = this.#parts;
    return [
      ...Array.from(log.streams, ({ life }) => life),
      ...snapshots.records(),
      ...Array.from(checkpoints, ([name, position]) => ({ kind: "checkpoint", name, position }) as const),
      ...leases.records(),
      ...groups.records(),
    ];
  }

  #takeEvents(events: EventsPart["events"]): void {
    const { log } = this.#parts;
    this.#refuseUnordered(events);
    for (const event of events) {
      const { stream, version, position, time } = event;
      log.keep(new KeptEvent(event, { stream, version, position, timeMs: time.getTime() }));
    }
  }

  /** Versions grow along a stream, and times along the log. Nothing is changed. */
  #refuseUnordered(events: readonly RecordedEventFields[]): void {
    const { log, name } = this.#parts;
    const last = new Map<string, number>();
    if (events[0] !== undefined && events[0].time.getTime() < log.headTimeMs)
      throw new TransferRefused(name, "has events that were committed later", "Take an empty store");
    for (const { stream, version } of events) {
      if (version <= (last.get(stream) ?? log.head(stream).lastVersion ?? -1))
        throw new TransferRefused(name, `has version ${version} of ${stream} already`, "Take an empty store");
      last.set(stream, version);
    }
  }

  #takeRecords({ records }: RecordsPart): void {
    for (const record of records) if (record.kind === "entry") this.#eventOf(record);
    for (const record of records) this.#takeRecord(record);
  }

  #takeRecord(record: StoreRecord): void {
    const { log, snapshots, checkpoints, leases, groups } = this.#parts;
    if (record.kind === "stream") log.record(record.stream).restore(record);
    else if (record.kind === "snapshot") snapshots.restore(record);
    else if (record.kind === "checkpoint") checkpoints.set(record.name, record.position);
    else if (record.kind === "lease") leases.restore(record);
    else if (record.kind === "group") groups.restore(record);
    else if (record.kind === "entry") groups.group(record.group).restore(this.#eventOf(record), { ...record, state: stateOf(record) });
    else this.#beginRound(record);
  }

  /** What the last round left is replaced by this one. Streams stay: none ever goes. */
  #beginRound({ head, headTimeMs, lastFence }: Extract<StoreRecord, { readonly kind: "log" }>): void {
    const { log, snapshots, checkpoints, leases, groups } = this.#parts;
    if (head !== null) log.endAt(head, headTimeMs);
    snapshots.clear();
    checkpoints.clear();
    leases.clear();
    groups.clear(lastFence);
  }

  #eventOf({ position, group }: GroupEntryRecord): KeptEvent {
    const event = this.#parts.log.at(position);
    if (event !== undefined) return event;
    const problem = `lacks the event at ${position}, which group ${group} has under way: the source was scavenged meanwhile`;
    throw new TransferRefused(this.#parts.name, problem, "Copy again, into an empty store");
  }
}

function stateOf({ state }: GroupEntryRecord): EntryState {
  return state.kind === "claimed" ? { ...state, fence: fence(state.fence) } : { ...state };
}
