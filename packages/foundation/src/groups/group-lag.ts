import { sleep, type Clock, type Position, type Runtime } from "@reactive-domain/core";
import { after, type CallOptions, type EventStore, type GroupStatus, type RecordedEvent } from "@reactive-domain/persistence";
import type { FeedLag } from "../listeners/feed-health.ts";

const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 200;

/** What of a group's events is committed and neither settled nor parked. Errors: those of the store. */
export async function groupLag(store: EventStore, status: GroupStatus, clock: Clock, options: CallOptions): Promise<Omit<FeedLag, "feed">> {
  const { head } = status;
  const oldest = head === null ? undefined : await oldestUnsettled(store, status, options);
  if (oldest === undefined) return { events: 0, ms: 0 };
  return { events: Math.max(head ?? 0, oldest.position) - oldest.position + 1, ms: Math.max(0, clock.now() - oldest.time.getTime()) };
}

async function oldestUnsettled(store: EventStore, status: GroupStatus, options: CallOptions): Promise<RecordedEvent | undefined> {
  const { settledUpTo, definition } = status;
  const from = settledUpTo === null ? "start" : after(settledUpTo);
  const { source, filter = {} } = definition;
  // A stream is read by versions, a group goes by positions.
  const isStream = "stream" in source;
  const read = isStream
    ? store.read({ all: true }, { ...options, from, filter: { ...filter, streamPrefix: source.stream } })
    : store.read(source, { ...options, from, filter, limit: 1 });
  for await (const event of read) if (!isStream || event.stream === source.stream) return event;
  return undefined;
}

/** Resolves when everything up to a position is settled or parked. Looks again and again: others work on it, too. Errors: those of `look`, the signal's reason. */
export async function untilSettled(
  upTo: Position,
  look: () => Promise<Position | null>,
  { signal, runtime }: { readonly signal: AbortSignal; readonly runtime: Runtime },
): Promise<void> {
  for (let delayMs = FIRST_LOOK_MS; ; delayMs = Math.min(LAST_LOOK_MS, delayMs * 2)) {
    const settledUpTo = await look();
    if (settledUpTo !== null && settledUpTo >= upTo) return;
    await sleep(delayMs, { signal, runtime });
  }
}
