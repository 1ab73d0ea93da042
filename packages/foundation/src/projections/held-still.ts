import { currentRuntime } from "@reactive-domain/core";
import type { ProjectionRecord, ProjectionStore } from "@reactive-domain/persistence";

/** How long a projection is held still when whoever holds it goes away, in milliseconds. */
export const MAX_HELD_MS = 60_000;

/** Does something while no worker commits: a projection that is paused already stays so. */
export async function heldStill<C, T>(store: ProjectionStore<C>, name: string, work: (record: ProjectionRecord) => Promise<T>): Promise<T> {
  const { clock } = currentRuntime();
  const before = await store.find(name);
  const isPaused = (before?.pausedUntil?.getTime() ?? 0) > clock.now() + MAX_HELD_MS;
  const pause = (until: Date | null): Promise<ProjectionRecord> => store.change(name, { kind: "pause", until });
  const record = isPaused && before !== undefined ? before : await pause(new Date(clock.now() + MAX_HELD_MS));
  try {
    return await work(record);
  } finally {
    // Somebody may have paused it meanwhile, or hold it still, too.
    const now = isPaused ? undefined : await store.find(name);
    if (now?.pausedUntil?.getTime() === record.pausedUntil?.getTime() && now !== undefined) await pause(null);
  }
}
