export type { ConformanceCase, StoreFactory } from "./conformance-case.ts";
export { eventStoreCases, eventStoreGuarantees } from "./event-store-cases.ts";
export { casesWithin } from "./gap-cases.ts";
export type { Guarantee } from "./guarantee.ts";
export { modelCases, type ModelOptions } from "./model/model-cases.ts";
export { rankedDriver } from "./ranked-driver.ts";
export { runConformance, type ConformanceOutcome, type ConformanceResult, type RunConformanceOptions } from "./run-conformance.ts";
