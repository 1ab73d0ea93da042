import { InvalidArgument, type Runtime } from "@reactive-domain/core";
import type { Scalar } from "@reactive-domain/messaging";
import { ForeignStore } from "../errors.ts";
import { fence, type Fence } from "../lease.ts";
import { ProjectionNotFound } from "../projections/errors.ts";
import { makingText, refuseOtherMaking } from "../projections/making-text.ts";
import type {
  DriverAmendment,
  DriverCommit,
  EntriesRequest,
  ProjectionDriver,
  ReplayEntriesRequest,
  RowChanges,
} from "../projections/projection-driver.ts";
import type { ProjectionEntry, ProjectionRecord } from "../projections/projection-record.ts";
import { refuseCommit, refuseElsewhere } from "../projections/projection-rules.ts";
import type {
  Acquisition,
  GenerationComparison,
  GenerationPair,
  GenerationRef,
  ProjectionChange,
  ProjectionMaking,
  WorkerRequest,
} from "../projections/projection-store.ts";
import type { ReadModelShape } from "../read-models/read-model-row.ts";
import { compareTables } from "./compare-tables.ts";
import { MemoryGeneration } from "./memory-generation.ts";
import { MemoryProjection } from "./memory-projection.ts";
import type { MemoryTables } from "./memory-tables.ts";

/** Projections of documents as maps. Each call is done between two awaits, which makes it a transaction. */
export class MemoryProjections implements ProjectionDriver<never> {
  readonly #where: string;
  readonly #tables: MemoryTables;
  readonly #runtime: Runtime;
  readonly #projections = new Map<string, MemoryProjection>();
  #lastFence = 0;

  constructor(where: string, tables: MemoryTables, runtime: Runtime) {
    this.#where = where;
    this.#tables = tables;
    this.#runtime = runtime;
  }

  list(): readonly ProjectionRecord[] {
    return [...this.#projections.values()].map(({ record }) => record).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  find(name: string): ProjectionRecord | undefined {
    return this.#projections.get(name)?.record;
  }

  define(making: ProjectionMaking<never>): ProjectionRecord {
    const { name, version, shape } = making;
    const own = this.#documentsOf(shape);
    const known = this.#projections.get(name);
    if (known !== undefined) {
      this.#refuseOther(known, making);
      return known.record;
    }
    this.#refuseItems(name, own);
    const first = new MemoryGeneration({ generation: 1, version, status: "live", madeAt: this.#now }, own, this.#tables.table(own));
    const projection = new MemoryProjection(name, this.#where, first);
    this.#projections.set(name, projection);
    return projection.record;
  }

  build(making: ProjectionMaking<never>): ProjectionRecord {
    const { name, version, shape } = making;
    const own = this.#documentsOf(shape);
    const projection = this.#projection(name);
    this.#refuseOther(projection, making);
    if (projection.generations.every(({ status }) => status !== "building")) {
      this.#refuseItems(name, own);
      this.#tables.table(own);
      projection.build({ version, madeAt: this.#now }, own);
    }
    return projection.record;
  }

  remove(name: string): boolean {
    for (const generation of this.#projections.get(name)?.generations ?? []) this.#tables.discardOf(generation);
    return this.#projections.delete(name);
  }

  acquire({ projection: name, generation: number, worker, leaseMs }: WorkerRequest): Acquisition {
    const projection = this.#projection(name);
    const generation = projection.generation(number);
    const { lease } = generation;
    const nowMs = this.#now.getTime();
    if (lease !== undefined && lease.worker !== worker && lease.untilMs > nowMs)
      return { heldBy: lease.worker, forMs: lease.untilMs - nowMs };
    generation.fence = fence(++this.#lastFence);
    generation.lease = { worker, untilMs: nowMs + leaseMs };
    return { fence: generation.fence, wasAbandoned: lease !== undefined, record: projection.record };
  }

  renew({ projection: name, generation: number, worker, leaseMs, fence: given }: WorkerRequest & { readonly fence: Fence }) {
    const projection = this.#projections.get(name);
    const generation = projection?.generations.find((one) => one.generation === number);
    if (projection === undefined || generation?.lease === undefined || generation.fence !== given) return undefined;
    generation.lease = { worker, untilMs: this.#now.getTime() + leaseMs };
    return projection.record;
  }

  release({ projection: name, generation: number, fence: given }: GenerationRef & { readonly fence: Fence }): void {
    const generation = this.#projections.get(name)?.generations.find((one) => one.generation === number);
    if (generation?.fence === given) generation.lease = undefined;
  }

  commit(commit: DriverCommit<never>): void {
    const projection = this.#projection(commit.projection);
    const generation = projection.generation(commit.generation);
    const { fence: current, lanes } = generation;
    const { revision } = projection;
    refuseCommit(commit, {
      revision,
      pausedUntilMs: projection.pausedUntil?.getTime() ?? null,
      status: generation.status,
      fence: current,
      lanes,
      nowMs: this.#now.getTime(),
    });
    this.#carryOut(generation, commit);
    for (const { lane, position } of commit.moves) generation.move(lane, position);
    for (const entry of commit.entries) generation.put(entry, this.#now);
    generation.handled += commit.handled;
  }

  documents(ref: GenerationRef, { keys }: { readonly keys: readonly (readonly Scalar[])[] }): readonly (string | undefined)[] {
    const { table } = this.#projection(ref.projection).generation(ref.generation);
    return keys.map((key) => table.get(key)?.json);
  }

  entries(ref: GenerationRef, { states, key, after, limit }: EntriesRequest): readonly ProjectionEntry[] {
    const { entries } = this.#projection(ref.projection).generation(ref.generation);
    const wanted = entries.filter(
      (entry) => (states?.includes(entry.state) ?? true) && (key === undefined || entry.key === key) && entry.position > (after ?? -1),
    );
    return wanted.slice(0, limit);
  }

  replay(name: string, { positions, error = "", limit }: ReplayEntriesRequest): number {
    const projection = this.#projection(name);
    const live = projection.live;
    const parked = live.entries.filter(
      (entry) => entry.state === "parked" && (positions?.includes(entry.position) ?? true) && entry.error.includes(error),
    );
    const chosen = parked.slice(0, limit);
    for (const entry of chosen) live.put({ ...entry, state: "replay", attempts: 0 }, this.#now);
    if (chosen.length > 0) projection.revision++;
    return chosen.length;
  }

  change(name: string, change: ProjectionChange): ProjectionRecord {
    const projection = this.#projection(name);
    if (change.kind === "pause") projection.pausedUntil = change.until;
    else if (change.kind === "reset") projection.live.empty();
    else if (change.kind === "swap") projection.swap(change, this.#tables);
    else if (change.kind === "drop") projection.drop(change.generation, this.#tables);
    else projection.generation(change.generation).relane(name, change.lanes);
    projection.revision++;
    return projection.record;
  }

  amend(amendment: DriverAmendment<never>): void {
    const projection = this.#projection(amendment.projection);
    const live = projection.live;
    refuseElsewhere(amendment.projection, amendment.lanes, live.lanes);
    this.#carryOut(live, amendment);
    projection.revision++;
  }

  compare(name: string, { one, other, samples }: Required<GenerationPair>): GenerationComparison {
    const projection = this.#projection(name);
    const [first, second] = [projection.generation(one), projection.generation(other)];
    return { tables: [compareTables(first.shape.name, [first.table.texts, second.table.texts], samples)] };
  }

  /** Errors: `foreign-store` where a projection keeps its items there. */
  refuseUse(name: string, schemaVersion: number): void {
    const owner = this.#ownerOf({ name, schemaVersion });
    if (owner !== undefined)
      throw new ForeignStore(this.#where, `has ${name} as what projection ${owner} makes`, "Remove the projection instead.");
  }

  #refuseOther({ generations }: MemoryProjection, making: ProjectionMaking<never>): void {
    const kept = generations.map(({ version, shape }) => ({ version, making: makingText({ kind: "documents", shape }) }));
    refuseOtherMaking(making, kept, this.#where);
  }

  /** Errors: `foreign-store` where another projection, or none, has put items where a projection is to. */
  #refuseItems(projection: string, shape: ReadModelShape): void {
    const owner = this.#ownerOf(shape);
    if (owner === projection) return;
    if (owner !== undefined)
      throw new ForeignStore(
        this.#where,
        `has ${shape.name} as what projection ${owner} makes`,
        "Remove that one, or choose another name.",
      );
    if (this.#tables.table(shape).size > 0)
      throw new ForeignStore(this.#where, `has items of ${shape.name} that no projection made`, "Discard them, or choose another name.");
  }

  #ownerOf({ name, schemaVersion }: Pick<ReadModelShape, "name" | "schemaVersion">): string | undefined {
    const isOf = ({ shape }: MemoryGeneration): boolean => shape.name === name && shape.schemaVersion === schemaVersion;
    return [...this.#projections.values()].find(({ generations }) => generations.some(isOf))?.name;
  }

  get #now(): Date {
    return new Date(this.#runtime.clock.now());
  }

  #carryOut(generation: MemoryGeneration, { puts, deletes, settled }: RowChanges & Pick<DriverCommit<never>, "settled">): void {
    for (const row of puts) generation.table.put(row, "any");
    for (const key of deletes) generation.table.delete(key, "any");
    for (const ref of settled) generation.settle(ref);
  }

  #documentsOf(shape: ProjectionMaking<never>["shape"]): ReadModelShape {
    if (shape.kind === "documents") return shape.shape;
    throw new InvalidArgument("shape", `documents: ${this.#where} have no tables of a projection's own`, shape.kind);
  }

  #projection(name: string): MemoryProjection {
    const projection = this.#projections.get(name);
    if (projection === undefined) throw new ProjectionNotFound(name, this.#where);
    return projection;
  }
}
