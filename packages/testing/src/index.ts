export { injectFaults, type FaultyStore } from "./faults/inject-faults.ts";
export type { ReadFault } from "./faults/read-faults.ts";
export type { WriteFault } from "./faults/write-faults.ts";
export {
  createRepositoryFixture,
  type RepositoryFixture,
  type RepositoryFixtureOptions,
  type StreamKind,
} from "./fixture/create-repository-fixture.ts";
export { createTestRuntime, type TestRuntime, type TestRuntimeOptions, type VirtualClock } from "./runtime/test-runtime.ts";
export type {
  AggregateCase,
  AggregateOutcome,
  AggregatesDoNotWait,
  AggregateSpecification,
  CommandsNeedHandle,
} from "./specification/aggregate-specification.ts";
export type { DeciderCase, DeciderOutcome, DeciderSpecification } from "./specification/decider-specification.ts";
export { fixedId } from "./specification/fixed-runtime.ts";
export type { ExpectedRefusal } from "./specification/refusal.ts";
export { specify, type AggregateSpecificationOptions, type SpecificationOptions } from "./specification/specify.ts";
export { checkSamples, type CheckSamplesOptions, type SampleReport } from "./samples/check-samples.ts";
export type { CheckedSample } from "./samples/sample.ts";
export type { GivenEvent, PlacedEvent } from "./read-models/given-event.ts";
export {
  specifyReadModel,
  type ReadModelOutcome,
  type ReadModelSpecification,
  type ReadModelSpecificationOptions,
} from "./read-models/specify-read-model.ts";
