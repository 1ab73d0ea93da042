export { COMPETING_CONSUMERS } from "./competing-consumers.ts";
export { expectCounted } from "./expect-counted.ts";
export { expectNoHoles } from "./expect-no-holes.ts";
export { MAINTENANCE_CHECKS } from "./maintenance-checks.ts";
export { MAINTENANCE_STATUSES } from "./maintenance-statuses.ts";
export { expectContains, SEVERAL_PROCESSES } from "./several-processes.ts";
export { startChild, writtenBy, type Child, type Written } from "./start-child.ts";
export { testStores, type TestedStores } from "./store-cases.ts";
export { temporaryDirectory } from "./temporary-directory.ts";
