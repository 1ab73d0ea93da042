import { COMPETING_CONSUMERS, testStores } from "@reactive-domain/store-tests/vitest";
import { vi } from "vitest";
import { SQLITE_STORES } from "./sqlite-stores.ts";

vi.setConfig({ testTimeout: 60_000 });

testStores(COMPETING_CONSUMERS, SQLITE_STORES);
