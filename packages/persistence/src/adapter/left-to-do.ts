import type { Position } from "@reactive-domain/core";
import type { DeliveryRef } from "../consumer-group.ts";
import type { CheckpointItem, SettleItem, WriteItem } from "../write.ts";

/** What has to be known of a store to go on with a write whose events it has already. */
export interface ProgressView {
  checkpoint(name: string): Position | null;
  /** Whether a delivery is held under its token; also where there is no such group. */
  isHeld(group: string, delivery: DeliveryRef): boolean;
}

/**
 * What is left to do of a write whose events are recorded. Its events, and what it deleted, said and expected of streams, count as done with them. Where the events came
 * from an earlier try that did not report progress, its checkpoints that are where they were expected still have to be moved, and its deliveries that are held to
 * be settled: or the event behind them would come again for ever.
 */
export function leftToDo(items: readonly WriteItem[], view: ProgressView): readonly (CheckpointItem | SettleItem)[] {
  return items.flatMap((item) => {
    if (item.kind === "checkpoint") return view.checkpoint(item.name) === item.expected ? item : [];
    if (item.kind !== "settle") return [];
    const deliveries = item.deliveries.filter((delivery) => view.isHeld(item.group, delivery));
    return deliveries.length === 0 ? [] : { ...item, deliveries };
  });
}
