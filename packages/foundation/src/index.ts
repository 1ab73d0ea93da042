export {
  AlreadyClosed,
  currentRuntime,
  derivedId,
  describe,
  ExpectedVersion,
  InvalidArgument,
  position,
  ReactiveDomainError,
  sleep,
  systemRuntime,
  version,
  withRuntime,
  yieldToLoop,
  type Clock,
  type EventSource,
  type Ids,
  type JsonObject,
  type JsonValue,
  type MessageMetadata,
  type Position,
  type ReactiveDomainErrorOptions,
  type Runtime,
  type Scheduler,
  type Version,
} from "@reactive-domain/core";
export {
  AlreadyCorrelated,
  AlreadyHandled,
  Canceled,
  classOf,
  Command,
  CommandBase,
  CommandFailed,
  createCommandBus,
  createEventBus,
  createQueryBus,
  definitionOf,
  Event,
  EventBase,
  EventHandlersFailed,
  InvalidMessage,
  MessageBase,
  MessageBuilder,
  metadataOf,
  NotHandled,
  Query,
  QueryBase,
  validate,
  type CommandBus,
  type CommandHandler,
  type EventBus,
  type EventHandler,
  type HandlerFailure,
  type MessageClass,
  type MessageContext,
  type MessageDefinition,
  type MessageFactory,
  type MessageFacts,
  type MessageOptions,
  type PayloadIssue,
  type PayloadOf,
  type QueryBus,
  type QueryHandler,
  type ResultOf,
  type SendOptions,
  type Unsubscribe,
  type Upcaster,
} from "@reactive-domain/messaging";
export {
  after,
  at,
  CorruptEvent,
  createJsonEventSerializer,
  createStreamNameBuilder,
  EventAlreadyRecorded,
  ForeignStore,
  InvalidWrite,
  NotSerializable,
  RecordedEvent,
  StoreUnavailable,
  UnknownEventType,
  WrongExpectedVersion,
  type CallOptions,
  type EventSerializer,
  type EventStore,
  type NewEvent,
  type ReadSource,
  type SerializationContext,
  type StreamNameBuilder,
  type Subscription,
} from "@reactive-domain/persistence";
export { createInMemoryStore } from "@reactive-domain/persistence/in-memory";
export {
  createInProcessTransport,
  type DeadLetter,
  type DeliveryContext,
  type InProcessTransportOptions,
  type ReceiveOptions,
  type Receiver,
  type Transport,
  type TransportCallOptions,
  type TransportHandler,
  type TransportMessage,
} from "@reactive-domain/transport";
export { AggregateRoot, type AggregateClass } from "./aggregates/aggregate-root.ts";
export type { CorrelatedEventSource } from "./aggregates/correlated-event-source.ts";
export type { Decider } from "./aggregates/decider.ts";
export { UnitOfWorkEnded } from "./aggregates/errors.ts";
export type { EventIdOf } from "./aggregates/event-recorder.ts";
export { boundedContext, type AggregateKind, type BoundedContext, type BoundedContextOptions } from "./contexts/bounded-context.ts";
export { connect, type ConnectedContext, type ConnectOptions } from "./contexts/connected-context.ts";
export { NotCaughtUp, ReadModelFaulted } from "./read-models/errors.ts";
export type { EventContext } from "./read-models/event-context.ts";
export type { ReadModelHandler } from "./read-models/event-dispatcher.ts";
export type { EventFeed } from "./read-models/event-feed.ts";
export type { ListenerStatus } from "./read-models/feed-listener.ts";
export { ReadModelBase, type CatchUpOptions, type FeedHealth, type StartOptions } from "./read-models/read-model-base.ts";
export type { CorrelatedRepository } from "./repositories/correlated-repository.ts";
export type { DeciderRepository } from "./repositories/decider-repository.ts";
export { AggregateNotFound, CommandAlreadyApplied, SaveInProgress } from "./repositories/errors.ts";
export type { Repository } from "./repositories/repository.ts";
export type { SaveResult } from "./repositories/save-events.ts";
