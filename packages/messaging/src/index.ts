export { Command } from "./command.ts";
export {
  createCommandBus,
  type CommandBus,
  type CommandBusOptions,
  type CommandHandler,
  type CommandSendOptions,
} from "./bus/command-bus.ts";
export { createEventBus, type EventBus, type EventBusOptions, type EventHandler, type SubscribeOptions } from "./bus/event-bus.ts";
export { busKindOf, type BusKind } from "./bus/bus-kind.ts";
export type { BusDescription } from "./bus/description.ts";
export type { Unsubscribe } from "./bus/handler.ts";
export type { CommandBusSettings } from "./bus/command-bus-settings.ts";
export type { CommandHandlerContext, MessageContext, SendOptions } from "./bus/message-context.ts";
export type { CommandNotice } from "./bus/pending-call.ts";
export { createQueryBus, type QueryBus, type QueryBusOptions, type QueryHandler } from "./bus/query-bus.ts";
export type { SlowCommand } from "./bus/slow-command.ts";
export { Acknowledged, Canceled, Fail, Success, type CommandResponse, type FailureFacts } from "./bus/response.ts";
export {
  AlreadyCorrelated,
  AlreadyHandled,
  CommandFailed,
  EventHandlersFailed,
  InvalidMessage,
  MessageCanceled,
  MetadataMissing,
  NotHandled,
  Oversubscribed,
  TimedOut,
  MessageDropped,
  QueueFull,
  QueueStalled,
  type HandlerFailure,
  type PayloadIssue,
} from "./errors.ts";
export { Event } from "./event.ts";
export { instantiate } from "./instantiate.ts";
export { MessageBuilder, type MessageFactory } from "./message-builder.ts";
export { findFrom, listFrom, type FieldsIn, type ItemOf } from "./listing/list-from.ts";
export { defineListing, type ListingDefinition, type ListingOptions } from "./listing/listing-definition.ts";
export { pageOf, planListing, type ListingPlan } from "./listing/listing-plan.ts";
export type { FieldType, FieldTypes, ListingRules, RowOf } from "./listing/listing-rules.ts";
export type { FieldCondition, FieldOf, Listing, ListingFilter, ListingSort, Page, PageRequest, Scalar } from "./listing/listing.ts";
export type { OrderStep } from "./listing/order.ts";
export { createMessageCatalog, type MessageCatalog, type MessageCatalogOptions } from "./message-catalog.ts";
export type { MessageDefinition, MessageKind, MessageOptions, Upcaster } from "./message-definition.ts";
export type {
  Answer,
  CommandClass,
  DerivedCommandClass,
  DerivedEventClass,
  DerivedQueryClass,
  EventClass,
  Kind,
  MessageClass,
  MessageStatics,
  PayloadOf,
  PlainSchema,
  QueryClass,
  ResultOf,
  SchemaCommandClass,
  SchemaEventClass,
  SchemaQueryClass,
} from "./message-types.ts";
export {
  checkMessage,
  classOf,
  CommandBase,
  correlate,
  definitionOf,
  EventBase,
  MessageBase,
  metadataOf,
  QueryBase,
  type MessageFacts,
  type MetadataSource,
} from "./message.ts";
export { logging, type LogEntry, type LoggingOptions, type LogLevel } from "./middleware/logging.ts";
export { metrics, type MetricsOptions } from "./middleware/metrics.ts";
export { metadataKey, type MetadataKey, type MetadataKeyOptions } from "./metadata-key.ts";
export { createBackoff, type Backoff, type BackoffOptions } from "./middleware/backoff.ts";
export { circuitBreaker, type CircuitBreakerOptions } from "./middleware/circuit-breaker.ts";
export type { CircuitChange, CircuitState } from "./middleware/circuit.ts";
export { isConflict } from "./middleware/conflict.ts";
export { concurrencyLimit, type ConcurrencyLimitOptions } from "./middleware/concurrency-limit.ts";
export { deduplication, type DeduplicationOptions } from "./middleware/deduplication.ts";
export { CircuitOpen, ConcurrencyLimited, RateLimited } from "./middleware/errors.ts";
export type { HandlerFacts, Middleware, MiddlewareContext, Next, NextChanges } from "./middleware/middleware.ts";
export { onlyFor, type OnlyForOptions } from "./middleware/only-for.ts";
export { rateLimit, type RateLimitOptions, type WhenExceeded } from "./middleware/rate-limit.ts";
export { retryOnConflict, type RetryOnConflictOptions } from "./middleware/retry-on-conflict.ts";
export type { MiddlewareOptions } from "./middleware/steps.ts";
export { tracing, type TracingOptions } from "./middleware/tracing.ts";
export { timeout, type TimeoutOptions } from "./middleware/timeout.ts";
export { validation } from "./middleware/validation.ts";
export { Query } from "./query.ts";
export {
  createBatchQueue,
  createMessageQueue,
  type BatchHandler,
  type BatchQueueOptions,
  type QueueHandler,
} from "./queue/message-queue.ts";
export type { BatchSize, QueueFailure, QueueOptions, WhenFull } from "./queue/queue-options.ts";
export type { CurrentMessage, MessageQueue, QueueCallOptions, QueueStatistics } from "./queue/queue.ts";
export { createMessageTimers, type MessageTimersOptions, type TimerFailure } from "./timers/create-message-timers.ts";
export type { MessageTimer, MessageTimers } from "./timers/message-timers.ts";
export { isThenable } from "./thenable.ts";
export { validate } from "./validation.ts";
