import { currentRuntime, type Position } from "@reactive-domain/core";
import { after, type EventStore } from "@reactive-domain/persistence";

/** How far a projection is behind the end of the log, at most: which of the events are its own, only its definition knows. */
export interface MostBehind {
  readonly events: number;
  /** The age of the oldest of them, in milliseconds. */
  readonly ms: number;
}

export async function positionsBehind(store: EventStore, place: Position | null): Promise<MostBehind> {
  const from = place === null ? "start" : after(place);
  for await (const { position, time } of store.read({ all: true }, { from, limit: 1 })) {
    const head = await headOf(store);
    return { events: Math.max(head, position) - position + 1, ms: Math.max(0, currentRuntime().clock.now() - time.getTime()) };
  }
  return { events: 0, ms: 0 };
}

async function headOf(store: EventStore): Promise<number> {
  for await (const { head } of store.read({ all: true }, { direction: "backwards", limit: 1 }).batches()) return head ?? -1;
  return -1;
}
