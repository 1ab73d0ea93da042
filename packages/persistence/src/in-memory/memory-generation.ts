import type { Position } from "@reactive-domain/core";
import type { Fence } from "../lease.ts";
import type { EntryRef } from "../projections/projection-store.ts";
import type {
  EntryState,
  GenerationRecord,
  GenerationStatus,
  NewProjectionEntry,
  ProjectionEntry,
} from "../projections/projection-record.ts";
import { MAX_ERROR_LENGTH, NO_ENTRIES, onePlace } from "../projections/projection-rules.ts";
import type { ReadModelShape } from "../read-models/read-model-row.ts";
import type { MemoryTable } from "./memory-table.ts";

interface Lease {
  readonly worker: string;
  readonly untilMs: number;
}

/** One making of a projection in memory. */
export class MemoryGeneration {
  readonly generation: number;
  readonly version: number;
  readonly shape: ReadModelShape;
  status: GenerationStatus;
  table: MemoryTable;
  lanes: readonly (Position | null)[] = [null];
  handled = 0;
  lease: Lease | undefined;
  fence: Fence | null = null;
  readonly #madeAt: Date;
  readonly #entries = new Map<string, ProjectionEntry>();

  constructor(made: Pick<GenerationRecord, "generation" | "version" | "status" | "madeAt">, shape: ReadModelShape, table: MemoryTable) {
    this.generation = made.generation;
    this.version = made.version;
    this.status = made.status;
    this.#madeAt = made.madeAt;
    this.shape = shape;
    this.table = table;
  }

  get record(): GenerationRecord {
    const { generation, status, version, lanes, handled, lease, fence } = this;
    const entries: Record<EntryState, number> = { ...NO_ENTRIES };
    for (const { state } of this.#entries.values()) entries[state]++;
    const leaseUntil = lease === undefined ? null : new Date(lease.untilMs);
    return {
      generation,
      status,
      version,
      lanes,
      handled,
      madeAt: this.#madeAt,
      worker: lease?.worker ?? null,
      leaseUntil,
      fence,
      entries,
    };
  }

  /** By position, then by key. */
  get entries(): readonly ProjectionEntry[] {
    return [...this.#entries.values()].toSorted((one, other) => one.position - other.position || (one.key < other.key ? -1 : 1));
  }

  put(entry: NewProjectionEntry, since: Date): void {
    const known = this.#entries.get(nameOf(entry));
    const kept = known !== undefined && known.state === entry.state ? known.since : since;
    this.#entries.set(nameOf(entry), { ...entry, error: entry.error.slice(0, MAX_ERROR_LENGTH), since: kept });
  }

  settle(ref: EntryRef): void {
    this.#entries.delete(nameOf(ref));
  }

  move(lane: number, place: Position | null): void {
    this.lanes = this.lanes.with(lane, place);
  }

  /** Errors: `projection-changed` where its lanes are at different places. */
  relane(projection: string, lanes: number): void {
    const place = onePlace(projection, this.lanes);
    this.lanes = Array.from({ length: lanes }, () => place);
  }

  empty(): void {
    this.table.clear();
    this.#entries.clear();
    this.lanes = this.lanes.map(() => null);
    this.handled = 0;
  }
}

function nameOf({ position, key }: EntryRef): string {
  return `${position} ${key}`;
}
