export type { KurrentStoreOptions } from "./kurrent-store-options.ts";
export { openKurrentStore } from "./open-kurrent-store.ts";
