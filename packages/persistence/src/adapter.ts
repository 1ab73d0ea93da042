export { categoryOf } from "./adapter/category.ts";
export { DEFAULT_MAX_EVENT_BYTES } from "./adapter/check-write.ts";
export { createEventStore, type EventStoreOptions } from "./adapter/create-event-store.ts";
export type { EventStoreDriver, PageRequest } from "./adapter/driver.ts";
export { lastPosition, planWrite, type EventPlace, type StoreView } from "./adapter/plan-write.ts";
