export type { ConformanceCase, StoreFactory } from "./conformance-case.ts";
export { eventStoreCases } from "./event-store-cases.ts";
