export { answerFrom, type AnswerFromOptions } from "./consistency/answer-from.ts";
export { ForeignToken, InvalidToken } from "./consistency/errors.ts";
export { readAfter } from "./consistency/read-after.ts";
export type { Written } from "./consistency/token-of.ts";
export { mergeTokens } from "./consistency/token.ts";
export {
  ObservableProperty,
  type ObservablePropertyOptions,
  type PropertyChangesOptions,
  type PropertySubscriber,
  type ReadableProperty,
  type SetOptions,
} from "./read-models/observable-property.ts";
export { PropertyUnsettled } from "./read-models/property-unsettled.ts";
export { compareCheckpoints, type Checkpoint, type CheckpointOrder } from "./listeners/checkpoint.ts";
export { AlreadyStarted, FeedFaulted, FeedNotFound, NotCaughtUp, NotStarted } from "./listeners/errors.ts";
export type { EventContext } from "./listeners/event-context.ts";
export type { ReadModelHandler } from "./listeners/event-dispatcher.ts";
export type { EventFeed, FeedMessages, FeedStart } from "./listeners/event-feed.ts";
export type { BusyWith, FeedHealth, FeedLag, FeedStatus } from "./listeners/feed-health.ts";
export type { DeliveryHold } from "./listeners/hold.ts";
export { createListener, type Listener, type ListenerOptions } from "./listeners/listener.ts";
export { createReader, type Reader, type ReadFeedOptions, type ReadOutcome } from "./listeners/reader.ts";
export type { From } from "./listeners/resume-point.ts";
export type { ResumeOptions } from "./listeners/resumption.ts";
export type { StartOptions } from "./listeners/start-options.ts";
export type { CatchUpOptions } from "./listeners/waiters.ts";
export { readModelAsOf, type ReadModelAsOf } from "./read-models/as-of.ts";
export { caughtUp, type CatchesUp } from "./read-models/caught-up.ts";
export { CaptureRefused, ReadModelBusy } from "./read-models/errors.ts";
export type { KeepOptions, SnapshotKeeping } from "./read-models/kept-snapshots.ts";
export type { ReadModelSnapshot } from "./read-models/model-capture.ts";
export type { OutsideContext, PublishOptions } from "./read-models/outside-input.ts";
export { ReadModelBase } from "./read-models/read-model-base.ts";
export { shareFeed } from "./read-models/relayed-feed.ts";
export type { SharedFeed, SharedHealth, SharedStartOptions } from "./read-models/shared-feed.ts";
export {
  cacheReadModels,
  defineReadModels,
  ReadModelRedefined,
  WrongItemVersion,
  type AnyItem,
  type ChangeOptions,
  type ExpectedItemVersion,
  type KeptItem,
  type KeyedItem,
  type ReadModelCacheOptions,
  type ReadModelDefinition,
  type ReadModelKey,
  type ReadModelOptions,
  type ReadModelRepository,
  type ReadModels,
  type RepositoryOf,
} from "@reactive-domain/persistence";
export { createInMemoryReadModels } from "@reactive-domain/persistence/in-memory";
