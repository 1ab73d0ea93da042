import type { EventStore, GenerationRecord, ProjectionRecord } from "@reactive-domain/persistence";
import { durationText } from "../../duration.ts";
import { positionsBehind, type MostBehind } from "./positions-behind.ts";
import { generationOf, placeOf, stateOf, type ProjectionState } from "./projection-state.ts";

/** A projection as data: `list` and `status` tell it. */
export interface ToldProjection {
  readonly name: string;
  readonly state: ProjectionState;
  /** Of the live generation, as the two that follow. */
  readonly version: number | null;
  readonly position: number | null;
  readonly parked: number;
  readonly pausedUntil: Date | null;
  /** At most; `null` where no store was named. */
  readonly lag: MostBehind | null;
  readonly revision: number;
  readonly generations: readonly ToldGeneration[];
}

/** Without its token, which is its worker's. */
type ToldGeneration = Omit<GenerationRecord, "fence"> & { readonly position: number | null };

export async function toldProjection(record: ProjectionRecord, store: EventStore | undefined): Promise<ToldProjection> {
  const live = generationOf(record, "live");
  const position = live === undefined ? null : placeOf(live);
  return {
    name: record.name,
    state: stateOf(record),
    version: live?.version ?? null,
    position,
    parked: live?.entries.parked ?? 0,
    pausedUntil: record.pausedUntil,
    lag: store === undefined ? null : await positionsBehind(store, position),
    revision: record.revision,
    generations: record.generations.map(toldGeneration),
  };
}

function toldGeneration(record: GenerationRecord): ToldGeneration {
  const { generation, status, version, lanes, handled, madeAt, worker, leaseUntil, entries } = record;
  return { generation, status, version, position: placeOf(record), lanes, handled, madeAt, worker, leaseUntil, entries };
}

/** A dash where nobody knows. */
export function lagText(lag: MostBehind | null): string {
  if (lag === null) return "-";
  return lag.events === 0 ? "0" : `<= ${lag.events}`;
}

export function ageText({ events, ms }: MostBehind): string {
  return events === 0
    ? "nothing"
    : `${events.toLocaleString("en")} ${events === 1 ? "event" : "events"}, the oldest ${durationText(ms)} old`;
}

export function placeText(position: number | null): string {
  return position === null ? "-" : String(position);
}
