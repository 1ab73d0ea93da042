import type { Principal } from "../access/principal.ts";

/** Which persistent subscription: a group of consumers on a stream, or on the whole log as `$all`. */
export interface SubscriptionKey {
  readonly stream: string;
  readonly group: string;
}

/** What persistent subscriptions can be told to do, by whichever protocol. All of it checks who asks. */
export interface Subscriptions {
  delete(principal: Principal, key: SubscriptionKey): Promise<void>;
  info(principal: Principal, key: SubscriptionKey): Promise<SubscriptionInfo>;
  /** Of one stream, or of all. */
  list(principal: Principal, stream?: string): Promise<readonly SubscriptionInfo[]>;
  /** Parked messages come again: all, or those whose number in the stream of parked messages is below `stopAt`. */
  replayParked(principal: Principal, key: SubscriptionKey, stopAt?: number): Promise<void>;
  /** Ends all consumers' calls, and begins anew with what is stored. */
  restart(principal: Principal): Promise<void>;
}

/** What is told of a persistent subscription: the fields of `SubscriptionInfo` on the wire, by their names there. 64-bit integers are text. */
export interface SubscriptionInfo {
  readonly event_source: string;
  readonly group_name: string;
  readonly status: string;
  readonly connections: readonly ConnectionInfo[];
  readonly average_per_second: number;
  readonly total_items: string;
  readonly count_since_last_measurement: string;
  /** A revision, or `C:1/P:1` of `$all`; empty where there is none. */
  readonly last_checkpointed_event_position: string;
  readonly last_known_event_position: string;
  readonly resolve_link_tos: boolean;
  /** A revision, or `C:1/P:1` of `$all`; -1 for the end. */
  readonly start_from: string;
  readonly message_timeout_milliseconds: number;
  readonly extra_statistics: boolean;
  readonly max_retry_count: number;
  readonly live_buffer_size: number;
  readonly buffer_size: number;
  readonly read_batch_size: number;
  readonly check_point_after_milliseconds: number;
  readonly min_check_point_count: number;
  readonly max_check_point_count: number;
  readonly read_buffer_count: number;
  readonly live_buffer_count: string;
  readonly retry_buffer_count: number;
  readonly total_in_flight_messages: number;
  readonly outstanding_messages_count: number;
  readonly named_consumer_strategy: string;
  readonly max_subscriber_count: number;
  readonly parked_message_count: string;
}

export interface ConnectionInfo {
  readonly from: string;
  readonly username: string;
  readonly average_items_per_second: number;
  readonly total_items: string;
  readonly count_since_last_measurement: string;
  readonly observed_measurements: readonly { readonly key: string; readonly value: string }[];
  readonly available_slots: number;
  readonly in_flight_messages: number;
  readonly connection_name: string;
}
