import { SEVERAL_PROCESSES, testStores } from "@reactive-domain/store-tests/vitest";
import { vi } from "vitest";
import { SQLITE_STORES } from "./sqlite-stores.ts";

vi.setConfig({ testTimeout: 60_000 });

testStores(SEVERAL_PROCESSES, SQLITE_STORES);
