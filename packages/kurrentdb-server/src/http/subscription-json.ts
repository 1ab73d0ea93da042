import type { ConnectionInfo, SubscriptionInfo } from "../subscriptions/subscriptions.ts";

const NO_NUMBER = -1;

/** A persistent subscription in a list. */
export function summaryOf(info: SubscriptionInfo): object {
  return {
    eventStreamId: info.event_source,
    groupName: info.group_name,
    status: info.status,
    averageItemsPerSecond: info.average_per_second,
    totalItemsProcessed: Number(info.total_items),
    lastProcessedEventNumber: numberOfPlace(info.last_checkpointed_event_position),
    lastKnownEventNumber: numberOfPlace(info.last_known_event_position),
    connectionCount: info.connections.length,
    totalInFlightMessages: info.total_in_flight_messages,
  };
}

/** All that is told of a persistent subscription. */
export function detailsOf(info: SubscriptionInfo): object {
  return {
    ...summaryOf(info),
    config: configOf(info),
    lastCheckpointedEventPosition: info.last_checkpointed_event_position,
    lastKnownEventPosition: info.last_known_event_position,
    countSinceLastMeasurement: Number(info.count_since_last_measurement),
    readBufferCount: info.read_buffer_count,
    liveBufferCount: Number(info.live_buffer_count),
    retryBufferCount: info.retry_buffer_count,
    outstandingMessagesCount: info.outstanding_messages_count,
    parkedMessageCount: Number(info.parked_message_count),
    connections: info.connections.map(connectionOf),
  };
}

function configOf(info: SubscriptionInfo): object {
  return {
    resolveLinktos: info.resolve_link_tos,
    startFrom: numberOfPlace(info.start_from),
    startPosition: info.start_from,
    messageTimeoutMilliseconds: info.message_timeout_milliseconds,
    extraStatistics: info.extra_statistics,
    maxRetryCount: info.max_retry_count,
    liveBufferSize: info.live_buffer_size,
    bufferSize: info.buffer_size,
    readBatchSize: info.read_batch_size,
    preferRoundRobin: info.named_consumer_strategy === "RoundRobin",
    checkPointAfterMilliseconds: info.check_point_after_milliseconds,
    minCheckPointCount: info.min_check_point_count,
    maxCheckPointCount: info.max_check_point_count,
    maxSubscriberCount: info.max_subscriber_count,
    namedConsumerStrategy: info.named_consumer_strategy,
  };
}

function connectionOf(connection: ConnectionInfo): object {
  return {
    from: connection.from,
    username: connection.username,
    connectionName: connection.connection_name,
    averageItemsPerSecond: connection.average_items_per_second,
    totalItemsProcessed: Number(connection.total_items),
    countSinceLastMeasurement: Number(connection.count_since_last_measurement),
    extraStatistics: connection.observed_measurements.map(({ key, value }) => ({ key, value: Number(value) })),
    availableSlots: connection.available_slots,
    inFlightMessages: connection.in_flight_messages,
  };
}

/** A revision, or a position of the whole log, as the number that clients of HTTP make a place of; -1 for the end, and for none. */
function numberOfPlace(text: string): number {
  const digits = /-?\d+/.exec(text)?.[0];
  return digits === undefined ? NO_NUMBER : Number(digits);
}
