export {
  CorruptEvent,
  EventAlreadyRecorded,
  ForeignStore,
  InvalidWrite,
  NotSerializable,
  StoreUnavailable,
  UnknownEventType,
  WrongExpectedVersion,
} from "./errors.ts";
export type { AppendOptions, AppendResult, EventStore } from "./event-store.ts";
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
  type StreamSource,
} from "./read.ts";
export { JSON_CONTENT_TYPE, RecordedEvent, recordedEvent, type NewEvent, type RecordedEventFields } from "./recorded-event.ts";
export type { EventSerializer, SerializationContext } from "./serialization/event-serializer.ts";
export { createJsonEventSerializer } from "./serialization/json-event-serializer.ts";
export { createStreamNameBuilder, type StreamNameBuilder, type StreamNameOptions } from "./stream-name-builder.ts";
export type { BecameLive, EventsArrived, SubscribeOptions, Subscription, SubscriptionMessage } from "./subscription.ts";
export type { AppendItem, StreamResult, WriteItem, WriteResult } from "./write.ts";
