import type { Fence, GenerationRecord, GenerationStatus } from "@reactive-domain/persistence";
import type { KeptMaking } from "@reactive-domain/persistence/adapter";
import { quoted } from "../sqlite-dialect.ts";

/** A table of a generation. */
export interface GenerationTable {
  /** What it is called when its generation is live. */
  readonly name: string;
  /** What it is called now. */
  readonly table: string;
}

/** What is kept of a generation, without its lanes and entries. */
export interface Generation {
  readonly projection: string;
  readonly generation: number;
  readonly status: GenerationStatus;
  readonly version: number;
  readonly making: KeptMaking;
  /** The text of `making`. */
  readonly makingText: string;
  readonly tables: readonly GenerationTable[];
  readonly handled: number;
  readonly madeAtMs: number;
  readonly worker: string | null;
  readonly leaseUntilMs: number | null;
  readonly fence: Fence | null;
}

/** How the catalog has it. */
export type GenerationRow = Omit<Generation, "making" | "tables"> & { readonly tables: string };

export function generationOf({ tables, ...row }: GenerationRow): Generation {
  return { ...row, making: JSON.parse(row.makingText) as KeptMaking, tables: JSON.parse(tables) as readonly GenerationTable[] };
}

export function recordOf(generation: Generation, { lanes, entries }: Pick<GenerationRecord, "lanes" | "entries">): GenerationRecord {
  const { generation: number, status, version, handled, madeAtMs, worker, leaseUntilMs, fence } = generation;
  const leaseUntil = leaseUntilMs === null ? null : new Date(leaseUntilMs);
  return { generation: number, status, version, lanes, handled, madeAt: new Date(madeAtMs), worker, leaseUntil, fence, entries };
}

/** What tables and indexes of a generation are called while it is not live. */
export function suffixed(name: string, generation: number): string {
  return `${name}__g${generation}`;
}

/** Names for the SQL of a generation. */
export function namerOf({ status, generation }: Pick<Generation, "status" | "generation">): (name: string) => string {
  return status === "live" ? quoted : (name) => quoted(suffixed(name, generation));
}
