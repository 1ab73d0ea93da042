export { createTestRuntime, type TestRuntime, type TestRuntimeOptions, type VirtualClock } from "./runtime/test-runtime.ts";
