export { Command } from "./command.ts";
export { createCommandBus, type CommandBus, type CommandHandler } from "./command-bus.ts";
export {
  AlreadyCorrelated,
  AlreadyHandled,
  Canceled,
  CommandFailed,
  EventHandlersFailed,
  InvalidMessage,
  MessageDropped,
  NotHandled,
  QueueFull,
  QueueStalled,
  type HandlerFailure,
  type PayloadIssue,
} from "./errors.ts";
export { Event } from "./event.ts";
export { createEventBus, type EventBus, type EventHandler, type SubscribeOptions } from "./event-bus.ts";
export { instantiate } from "./instantiate.ts";
export { MessageBuilder, type MessageFactory } from "./message-builder.ts";
export type { MessageContext, SendOptions } from "./message-context.ts";
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
export { Query } from "./query.ts";
export {
  createBatchQueue,
  createMessageQueue,
  type BatchHandler,
  type BatchQueueOptions,
  type MessageQueueOptions,
  type QueueHandler,
} from "./queue/message-queue.ts";
export type { BatchSize, QueueFailure, QueueOptions, WhenFull } from "./queue/queue-options.ts";
export type { CurrentMessage, MessageQueue, QueueCallOptions, QueueStatistics } from "./queue/queue.ts";
export { createQueryBus, type QueryBus, type QueryHandler } from "./query-bus.ts";
export type { Unsubscribe } from "./request-router.ts";
export { createMessageTimers, type MessageTimersOptions, type TimerFailure } from "./timers/create-message-timers.ts";
export type { MessageTimer, MessageTimers } from "./timers/message-timers.ts";
export { validate } from "./validation.ts";
