export type { Capability, Gaps, Trait } from "./capability.ts";
export type {
  ClaimOptions,
  ConsumerGroups,
  Delivery,
  DeliveryRef,
  GroupDefinition,
  GroupStatus,
  ParkedDelivery,
  ParkedOptions,
  ReplayOptions,
} from "./consumer-group.ts";
export {
  AheadOfLog,
  CopyUnderWay,
  CorruptEvent,
  DeliveryLost,
  EventAlreadyRecorded,
  Fenced,
  ForeignStore,
  GroupExists,
  GroupNotFound,
  InvalidWrite,
  LeaseLost,
  NotSerializable,
  NotSupported,
  StoreUnavailable,
  StreamTombstoned,
  TransferRefused,
  UnknownEventType,
  WrongCheckpoint,
  WrongExpectedVersion,
} from "./errors.ts";
export type { AppendOptions, AppendResult, EventStore, ScavengeResult, WriteOptions } from "./event-store.ts";
export { fence, type AcquireOptions, type Fence, type Lease, type Leases, type RenewOptions } from "./lease.ts";
export {
  after,
  at,
  type After,
  type AllSource,
  type At,
  type CallContext,
  type CallOptions,
  type CategorySource,
  type CursorOf,
  type Direction,
  type EventBatch,
  type EventFilter,
  type EventRead,
  type EventTypeSource,
  type ReadOptions,
  type ReadSource,
  type SnapshotStart,
  type StreamSource,
  type UpTo,
} from "./read.ts";
export { ProjectionChanged, ProjectionNotFound } from "./projections/errors.ts";
export type {
  EntryCounts,
  EntryState,
  GenerationRecord,
  GenerationStatus,
  NewProjectionEntry,
  ProjectionEntry,
  ProjectionRecord,
} from "./projections/projection-record.ts";
export type {
  Acquisition,
  DocumentChanges,
  EntriesOptions,
  EntryRef,
  GenerationComparison,
  GenerationPair,
  GenerationRef,
  LaneMove,
  OwnDocuments,
  OwnTables,
  ProjectionAmendment,
  ProjectionChange,
  ProjectionCommit,
  ProjectionMaking,
  ProjectionShape,
  ProjectionStore,
  ReplayEntriesOptions,
  RowSamples,
  TableComparison,
  TableNamer,
  WantedDocuments,
  WorkerGuard,
  WorkerRequest,
} from "./projections/projection-store.ts";
export { cacheReadModels, type ReadModelCacheOptions } from "./read-models/cache-read-models.ts";
export { defineReadModels } from "./read-models/define-read-models.ts";
export { ReadModelRedefined, WrongItemVersion } from "./read-models/errors.ts";
export type { AnyItem, KeyedItem, ReadModelDefinition, ReadModelKey, ReadModelOptions } from "./read-models/read-model-definition.ts";
export type {
  ChangeOptions,
  ExpectedItemVersion,
  KeptItem,
  ReadModelRepository,
  ReadModels,
  RepositoryOf,
} from "./read-models/read-model-repository.ts";
export { JSON_CONTENT_TYPE, RecordedEvent, recordedEvent, type NewEvent, type RecordedEventFields } from "./recorded-event.ts";
export type { EventSerializer, SerializationContext } from "./serialization/event-serializer.ts";
export { createJsonEventSerializer } from "./serialization/json-event-serializer.ts";
export { deserializeAll } from "./serialization/deserialize-all.ts";
export { serializationContextOf, type EventDestination } from "./serialization/serialization-context.ts";
export type { NewSnapshot, Snapshot } from "./snapshot.ts";
export type {
  BackupOptions,
  BackupResult,
  CheckOptions,
  CheckpointStatus,
  CheckResult,
  EventCount,
  Finding,
  GroupProgress,
  MaintenanceCapability,
  MigrateResult,
  PartSize,
  SchemaStatus,
  StatusOptions,
  StoreMaintenance,
  StoreSize,
  StoreStatus,
  VacuumResult,
} from "./store-maintenance.ts";
export type { StreamInfo, StreamMetadata, StreamState } from "./stream-metadata.ts";
export type {
  CheckpointRecord,
  EntryStateRecord,
  GroupEntryRecord,
  GroupRecord,
  LeaseRecord,
  LogRecord,
  SnapshotRecord,
  StoreRecord,
  StreamLifeRecord,
} from "./store-record.ts";
export { createStreamNameBuilder, type StreamNameBuilder, type StreamNameOptions } from "./stream-name-builder.ts";
export type { BecameLive, EventsArrived, SubscribeOptions, Subscription, SubscriptionDrop, SubscriptionMessage } from "./subscription.ts";
export type { CopyProgress, EventsPart, RecordsPart, Transfer, TransferPart, TransferStatus } from "./transfer.ts";
export { copyStore, type CopyOptions, type CopyResult } from "./transfer/copy-store.ts";
export type {
  AppendItem,
  CheckpointItem,
  DeleteItem,
  ExpectItem,
  MetadataItem,
  Settlement,
  SettleItem,
  SnapshotItem,
  StreamResult,
  TombstoneItem,
  WriteItem,
  WriteResult,
} from "./write.ts";
