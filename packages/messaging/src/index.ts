export { Command } from "./command.ts";
export {
  createCommandBus,
  type CommandBus,
  type CommandBusOptions,
  type CommandBusSettings,
  type CommandHandler,
  type CommandSendOptions,
  type SlowCommand,
} from "./bus/command-bus.ts";
export { createEventBus, type EventBus, type EventBusOptions, type EventHandler, type SubscribeOptions } from "./bus/event-bus.ts";
export type { BusDescription } from "./bus/description.ts";
export type { Unsubscribe } from "./bus/handler-registry.ts";
export type { MessageContext, SendOptions } from "./bus/message-context.ts";
export type { CommandNotice } from "./bus/pending-call.ts";
export { createQueryBus, type QueryBus, type QueryBusOptions, type QueryHandler } from "./bus/query-bus.ts";
export { Acknowledged, Canceled, Fail, Success, type CommandResponse, type FailureFacts } from "./bus/response.ts";
export {
  AlreadyCorrelated,
  AlreadyHandled,
  CommandFailed,
  EventHandlersFailed,
  InvalidMessage,
  MessageCanceled,
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
export type { HandlerFacts, Middleware, MiddlewareContext, Next, NextChanges } from "./middleware/middleware.ts";
export type { MiddlewareOptions } from "./middleware/steps.ts";
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
export { validate } from "./validation.ts";
