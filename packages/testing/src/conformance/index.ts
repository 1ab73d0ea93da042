export type { ConformanceCase, StoreFactory } from "./conformance-case.ts";
export { eventStoreCases, eventStoreGuarantees } from "./event-store-cases.ts";
export { casesWithin } from "./gap-cases.ts";
export type { Guarantee } from "./guarantee.ts";
