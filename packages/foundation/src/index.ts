export {
  AlreadyClosed,
  currentRuntime,
  derivedId,
  describe,
  ExpectedVersion,
  InvalidArgument,
  position,
  ReactiveDomainError,
  shownUrl,
  sleep,
  systemRuntime,
  version,
  withRuntime,
  yieldToLoop,
  type Chance,
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
  after,
  AheadOfLog,
  at,
  CopyUnderWay,
  CorruptEvent,
  createJsonEventSerializer,
  createStreamNameBuilder,
  DeliveryLost,
  deserializeAll,
  EventAlreadyRecorded,
  fence,
  Fenced,
  ForeignStore,
  GroupExists,
  GroupNotFound,
  InvalidWrite,
  LeaseLost,
  NotSerializable,
  NotSupported,
  RecordedEvent,
  StoreUnavailable,
  StreamTombstoned,
  TransferRefused,
  UnknownEventType,
  WrongCheckpoint,
  WrongExpectedVersion,
  type AcquireOptions,
  type AppendOptions,
  type AppendResult,
  type CallOptions,
  type Capability,
  type ClaimOptions,
  type ConsumerGroups,
  type Delivery,
  type DeliveryRef,
  type EventBatch,
  type EventFilter,
  type EventRead,
  type EventSerializer,
  type EventStore,
  type Fence,
  type Gaps,
  type GroupDefinition,
  type GroupStatus,
  type Lease,
  type Leases,
  type NewEvent,
  type NewSnapshot,
  type ParkedDelivery,
  type ParkedOptions,
  type ReadOptions,
  type ReadSource,
  type RenewOptions,
  type ReplayOptions,
  type ScavengeResult,
  type SerializationContext,
  type Settlement,
  type Snapshot,
  type SnapshotStart,
  type StreamInfo,
  type StreamMetadata,
  type StreamNameBuilder,
  type StreamResult,
  type StreamState,
  type SubscribeOptions,
  type Subscription,
  type SubscriptionDrop,
  type SubscriptionMessage,
  type UpTo,
  type WriteItem,
  type WriteResult,
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
export {
  AggregateRoot,
  restoreSnapshotOf,
  unroutedEvents,
  type AggregateClass,
  type AggregateRootOptions,
} from "./aggregates/aggregate-root.ts";
export { ChildEntity, type Entity } from "./aggregates/child-entity.ts";
export type { CorrelatedEventSource } from "./aggregates/correlated-event-source.ts";
export type { SourceHome } from "./aggregates/source-home.ts";
export { DeciderSource, type Decider, type DeciderSnapshots } from "./aggregates/decider.ts";
export type { Entities, EntityClass } from "./aggregates/entities.ts";
export { AggregateBroken, EventNotRouted, UnitOfWorkEnded } from "./aggregates/errors.ts";
export type { EventIdOf } from "./aggregates/event-recorder.ts";
export { completePolicy, type SnapshotFacts, type SnapshotPolicy, type SnapshotSource } from "./aggregates/snapshot-source.ts";
export { ValueObject } from "./aggregates/value-object.ts";
export {
  boundedContext,
  isBoundedContext,
  type AggregateKind,
  type BoundedContext,
  type BoundedContextOptions,
} from "./contexts/bounded-context.ts";
export { connect, type ConnectedContext, type ConnectOptions } from "./contexts/connected-context.ts";
export { ContextIncomplete } from "./contexts/errors.ts";
export type { VerifyOptions } from "./contexts/verify-context.ts";
export * from "./messaging.ts"; // house: the names stand in that file
export * from "./read-side.ts"; // house: the names stand in that file
export { auditRecordOf, type AuditRecord } from "./repositories/audit-record.ts";
export { createAggregateCache, type AggregateCache, type AggregateCacheOptions } from "./repositories/aggregate-cache.ts";
export type { CorrelatedRepository } from "./repositories/correlated-repository.ts";
export type { DeciderRepository } from "./repositories/decider-repository.ts";
export {
  AggregateNotFound,
  CommandAlreadyApplied,
  CorruptSnapshot,
  SaveInProgress,
  SnapshotNotWritten,
  VersionNotReached,
} from "./repositories/errors.ts";
export type { AsOf, GetOptions } from "./repositories/load-source.ts";
export type { Repository } from "./repositories/repository.ts";
export type { SaveResult } from "./repositories/save-events.ts";
export type { RepositoryOptions } from "./repositories/source-store.ts";
export type { UpdateOptions, UpdateResult } from "./repositories/update-source.ts";
