export { categoryOf } from "./adapter/category.ts";
export { checkedItems } from "./adapter/checked-items.ts";
export { dataOf } from "./adapter/check-record.ts";
export { DEFAULT_MAX_EVENT_BYTES } from "./adapter/check-write.ts";
export { createEventStore, type EventStoreOptions } from "./adapter/create-event-store.ts";
export type {
  Claim,
  ClaimRequest,
  CompleteGroupDefinition,
  EventStoreDriver,
  GroupDriver,
  LeaseDriver,
  MaybePromise,
  PageRequest,
  ParkedRequest,
  ReplayRequest,
  SnapshotPageRequest,
  TransferDriver,
  WantedSnapshot,
} from "./adapter/driver.ts";
export { GroupEntries, type GroupEntriesOptions, type Taken } from "./adapter/group-entries.ts";
export { waitingSince, type GroupEntry } from "./adapter/group-entry.ts";
export { selects } from "./adapter/selects.ts";
export { EntryState } from "./adapter/entry-state.ts";
export { findingsOf, MAX_FINDINGS_OF_A_LAW } from "./adapter/findings-of.ts";
export { backOffMs, parkedError, wentAway } from "./adapter/group-rules.ts";
export { leftToDo, type ProgressView } from "./adapter/left-to-do.ts";
export { MaintenanceCalls } from "./adapter/maintenance-calls.ts";
export { maxJsonEventsOf } from "./adapter/max-json-events-of.ts";
export { leftToTake, NOTHING_TAKEN, planTransfer } from "./adapter/plan-transfer.ts";
export { appendsOf, lastPosition, planWrite, type EventPlace, type StoreView, type StreamHead } from "./adapter/plan-write.ts";
export { refuseCheckpoint, type CheckpointView } from "./adapter/refuse-checkpoint.ts";
export { snapshotToUse } from "./adapter/snapshot-to-use.ts";
export { makingText, refuseOtherMaking, type KeptMaking } from "./projections/making-text.ts";
export type {
  DriverAmendment,
  DriverCommit,
  EntriesRequest,
  ProjectionDriver,
  ReplayEntriesRequest,
  RowChanges,
} from "./projections/projection-driver.ts";
export {
  isNotBehind,
  MAX_ERROR_LENGTH,
  NO_ENTRIES,
  onePlace,
  refuseCommit,
  refuseElsewhere,
  type GuardView,
} from "./projections/projection-rules.ts";
export { createReadModels } from "./read-models/create-read-models.ts";
export { isAsExpected } from "./read-models/is-as-expected.ts";
export type { ChangeOutcome, DeleteOutcome, FoundItems, ReadModelDriver, ReadModelTable } from "./read-models/read-model-driver.ts";
export type { ReadModelRow, ReadModelShape } from "./read-models/read-model-row.ts";
export { refuseOtherShape, shapeText } from "./read-models/shape-text.ts";
export { countSql, listingSql, type ListingTable } from "./read-models/sql/listing-sql.ts";
export type { BoundSql, SqlDialect } from "./read-models/sql/sql-dialect.ts";
