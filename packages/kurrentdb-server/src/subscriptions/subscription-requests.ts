import type { FilterOptions } from "../filters/log-filter.ts";
import { placeOf, type WirePosition } from "../wire/places.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { streamName, type WireStream } from "../wire/stream-name.ts";
import { WHOLE_LOG } from "./kept-subscription.ts";
import type { SubscriptionKey } from "./subscriptions.ts";
import type { ConsumerStrategy, SubscriptionSettings, SubscriptionStart, SubscriptionTerms } from "./subscription-terms.ts";

/** A request to make a persistent subscription, or to change one. */
export interface TermsRequest {
  readonly options?: TermsOptions | null;
}

interface TermsOptions {
  readonly stream?: (StartOrEnd & { readonly stream_identifier?: WireStream | null; readonly revision?: string }) | null;
  readonly all?:
    | (StartOrEnd & { readonly position?: WirePosition | null; readonly filter?: FilterOptions | null; readonly no_filter?: object | null })
    | null;
  readonly stream_identifier?: WireStream | null;
  readonly group_name?: string;
  readonly settings?: WireSettings | null;
}

interface StartOrEnd {
  readonly start?: object | null;
  readonly end?: object | null;
}

interface WireSettings {
  readonly resolve_links?: boolean;
  readonly revision?: string;
  readonly extra_statistics?: boolean;
  readonly max_retry_count?: number;
  readonly min_checkpoint_count?: number;
  readonly max_checkpoint_count?: number;
  readonly max_subscriber_count?: number;
  readonly live_buffer_size?: number;
  readonly read_batch_size?: number;
  readonly history_buffer_size?: number;
  readonly named_consumer_strategy?: string | number;
  readonly message_timeout_ticks?: string;
  readonly message_timeout_ms?: number;
  readonly checkpoint_after_ticks?: string;
  readonly checkpoint_after_ms?: number;
  readonly consumer_strategy?: string;
}

/** A request that names a subscription. */
export interface KeyRequest {
  readonly options?: KeyOptions | null;
}

interface KeyOptions {
  readonly stream_identifier?: WireStream | null;
  readonly all?: object | null;
  readonly group_name?: string;
}

const TICKS_PER_MS = 10_000;

/** Errors: invalid argument where a request says too little. */
export function keyOf({ options }: KeyRequest): SubscriptionKey {
  if (!options) throw invalidArgument("The request has no options: it does not say which persistent subscription.");
  const stream = options.all ? WHOLE_LOG : streamName(options.stream_identifier);
  return { stream, group: groupName(options.group_name) };
}

/** Errors: invalid argument where there is none. */
export function groupName(name: string | undefined): string {
  if (name === undefined || name === "") throw invalidArgument("The request names no group.");
  if (!name.isWellFormed()) throw invalidArgument("The name of the group must be UTF-8, but has bytes that are not.");
  return name;
}

/** What is wanted of which subscription. Errors: invalid argument where a request says too little. */
export function termsOf({ options }: TermsRequest): { readonly key: SubscriptionKey; readonly terms: SubscriptionTerms } {
  if (!options) throw invalidArgument("The request has no options: it does not say which persistent subscription.");
  const { all, stream, settings } = options;
  if (!settings) throw invalidArgument("The request has no settings.");
  const name = all ? WHOLE_LOG : streamName(stream?.stream_identifier ?? options.stream_identifier);
  if (!all && name === WHOLE_LOG) throw invalidArgument("$all is no stream. Make a persistent subscription to all instead.");
  const filter = all?.filter;
  return {
    key: { stream: name, group: groupName(options.group_name) },
    terms: { settings: settingsOf(settings), start: startOf(options, settings), ...(filter && { filter }) },
  };
}

/** Numbers that no log will reach stand for its end. */
function startOf({ stream, all }: TermsOptions, settings: WireSettings): SubscriptionStart {
  const option = all ?? stream;
  if (option?.start) return "start";
  if (option?.end) return "end";
  const told = all ? all.position?.commit_position : (stream?.revision ?? settings.revision);
  if (all && !all.position) throw invalidArgument("The request does not say where to start. Say start, end, or a position.");
  const place = placeOf(told) ?? "end";
  return place === 0 ? "start" : place;
}

function settingsOf(wire: WireSettings): SubscriptionSettings {
  return {
    resolvesLinks: wire.resolve_links === true,
    extraStatistics: wire.extra_statistics === true,
    messageTimeoutMs: msOf(wire.message_timeout_ms, wire.message_timeout_ticks),
    maxRetryCount: wire.max_retry_count ?? 0,
    checkpointAfterMs: msOf(wire.checkpoint_after_ms, wire.checkpoint_after_ticks),
    minCheckpointCount: wire.min_checkpoint_count ?? 0,
    maxCheckpointCount: wire.max_checkpoint_count ?? 0,
    maxSubscriberCount: wire.max_subscriber_count ?? 0,
    liveBufferSize: wire.live_buffer_size ?? 0,
    readBatchSize: wire.read_batch_size ?? 0,
    historyBufferSize: wire.history_buffer_size ?? 0,
    strategy: strategyOf(wire) as ConsumerStrategy,
  };
}

/** Older clients know three strategies, by number; a name says more. The first has the number 0, which is not sent. */
function strategyOf({ consumer_strategy, named_consumer_strategy = "DispatchToSingle" }: WireSettings): string {
  return consumer_strategy ? consumer_strategy : `${named_consumer_strategy}`;
}

function msOf(ms: number | undefined, ticks: string | undefined): number {
  return ticks === undefined ? (ms ?? 0) : Math.round(Number(ticks) / TICKS_PER_MS);
}
