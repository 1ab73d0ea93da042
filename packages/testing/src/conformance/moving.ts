import { position, type Position } from "@reactive-domain/core";
import type { CheckpointItem, Fence } from "@reactive-domain/persistence";

/** The item that moves a checkpoint. */
export function moving(name: string, expected: number | null, to: number | null, fence?: Fence): CheckpointItem {
  const item: CheckpointItem = { kind: "checkpoint", name, expected: placeOf(expected), position: placeOf(to) };
  return fence === undefined ? item : { ...item, fence };
}

function placeOf(place: number | null): Position | null {
  return place === null ? null : position(place);
}
