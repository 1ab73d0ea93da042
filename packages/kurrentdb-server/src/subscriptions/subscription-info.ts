import { version, type Position } from "@reactive-domain/core";
import { at, type EventStore, type GroupStatus, type ReadSource } from "@reactive-domain/persistence";
import type { Consumer } from "./consumer.ts";
import { parkedStream, viewOfSubscription, type KeptSubscription } from "./kept-subscription.ts";
import type { Pace } from "./pace.ts";
import type { SubscriptionRunner } from "./runner.ts";
import type { ConnectionInfo, SubscriptionInfo } from "./subscriptions.ts";

/** What a server knows of a subscription beside what the store does. */
export interface LocalSide {
  readonly runner: SubscriptionRunner | undefined;
  readonly pace: Pace;
}

export async function infoOf(store: EventStore, kept: KeptSubscription, { runner, pace }: LocalSide): Promise<SubscriptionInfo> {
  const { settings, stream, group, storeGroup } = kept;
  const status = await store.groups.status(storeGroup);
  const { total, sinceLast, perSecond } = pace.measure();
  const consumers = runner?.consumers ?? [];
  const inFlight = consumers.reduce((sum, one) => sum + one.inFlight.size, 0);
  const queued = runner?.queued ?? 0;
  const checkpointed = await lastUpTo(store, kept, status.settledUpTo);
  const known = await lastUpTo(store, kept, status.head);
  return {
    event_source: stream,
    group_name: group,
    status: isDone(status, checkpointed === known) ? "Live" : "Behind",
    connections: consumers.map((one) => connectionOf(one)),
    average_per_second: perSecond,
    total_items: String(total),
    count_since_last_measurement: String(sinceLast),
    last_checkpointed_event_position: checkpointed,
    last_known_event_position: known,
    resolve_link_tos: settings.resolvesLinks,
    start_from: startOf(kept),
    message_timeout_milliseconds: settings.messageTimeoutMs,
    extra_statistics: settings.extraStatistics,
    max_retry_count: settings.maxRetryCount,
    live_buffer_size: settings.liveBufferSize,
    buffer_size: settings.historyBufferSize,
    read_batch_size: settings.readBatchSize,
    check_point_after_milliseconds: settings.checkpointAfterMs,
    min_check_point_count: settings.minCheckpointCount,
    max_check_point_count: settings.maxCheckpointCount,
    read_buffer_count: queued,
    live_buffer_count: "0",
    retry_buffer_count: status.waiting,
    total_in_flight_messages: inFlight,
    outstanding_messages_count: status.claimed,
    named_consumer_strategy: settings.strategy,
    max_subscriber_count: settings.maxSubscriberCount,
    parked_message_count: String(await parkedCount(store, kept)),
  };
}

/** Nobody says that what others write behind the last event is not of the subscription, as long as nobody consumes. */
function isDone({ settledUpTo, head, waiting, claimed }: GroupStatus, isUpToLast: boolean): boolean {
  return settledUpTo === head || (isUpToLast && waiting + claimed === 0);
}

function connectionOf({ from, username, connectionName, pace, freeSlots, inFlight }: Consumer): ConnectionInfo {
  const { total, sinceLast, perSecond } = pace.measure();
  return {
    from,
    username,
    average_items_per_second: perSecond,
    total_items: String(total),
    count_since_last_measurement: String(sinceLast),
    observed_measurements: pace.times(),
    available_slots: freeSlots,
    in_flight_messages: inFlight.size,
    connection_name: connectionName,
  };
}

function startOf({ start, ...kept }: KeptSubscription): string {
  const number = start === "start" ? 0 : start === "end" ? -1 : start;
  return viewOfSubscription(kept).name === undefined ? positionText(number) : String(number);
}

function positionText(place: number): string {
  return `C:${place}/P:${place}`;
}

/** How many links the stream of parked messages shows. */
async function parkedCount(store: EventStore, kept: KeptSubscription): Promise<number> {
  const { firstVersion, lastVersion } = await store.streamInfo(parkedStream(kept));
  return firstVersion === null || lastVersion === null ? 0 : lastVersion - firstVersion + 1;
}

/** The last event of a subscription up to a place in the log, by the number that clients know; empty where there is none. */
async function lastUpTo(store: EventStore, kept: KeptSubscription, place: Position | null): Promise<string> {
  const { source, revision, name } = viewOfSubscription(kept);
  if (place === null) return "";
  if (name === undefined) return positionText(place);
  if (revision === "position") return lastOfLinks(store, source, place);
  const last = "stream" in source ? await lastVersionUpTo(store, source.stream, place) : undefined;
  return last === undefined ? "" : String(last);
}

/** Of links, the number is a position of the log. */
async function lastOfLinks(store: EventStore, source: ReadSource, place: Position): Promise<string> {
  for await (const { position } of store.read(source, { direction: "backwards", from: "end", limit: 1 }))
    return String(Math.min(position, place));
  return "";
}

/** Positions grow with versions: the place is found by halves. */
async function lastVersionUpTo(store: EventStore, stream: string, place: Position): Promise<number | undefined> {
  const { firstVersion, lastVersion } = await store.streamInfo(stream);
  if (firstVersion === null || lastVersion === null) return undefined;
  let [low, high, found] = [firstVersion as number, lastVersion as number, undefined as number | undefined];
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const event = await eventFrom(store, stream, middle);
    if (event !== undefined && event.position <= place) [found, low] = [event.version, Math.max(event.version, middle) + 1];
    else high = middle - 1;
  }
  return found;
}

async function eventFrom(
  store: EventStore,
  stream: string,
  place: number,
): Promise<{ readonly version: number; readonly position: number } | undefined> {
  for await (const event of store.read({ stream }, { from: at(version(place)), limit: 1 })) return event;
  return undefined;
}
