import type { EventStore, StoreMaintenance } from "@reactive-domain/persistence";
import { test } from "vitest";
import type { Child } from "./start-child.ts";

/** A kind of store, to tests that it shares with others. A place is where a store is: the path of a file, or a URL. */
export interface TestedStores {
  /** A place without a store, which is removed when the test has finished. */
  newPlace(): string;
  /** Opens the store of a place, and makes it where there is none. */
  open(place: string): Promise<EventStore>;
  /** Opens a store that must be there. */
  openExisting(place: string): Promise<EventStore>;
  openMaintenance(place: string): Promise<StoreMaintenance>;
  /** Runs SQL on the tables of a store. */
  runSql(place: string, sql: string): Promise<void>;
  /** Starts a process that runs `appendBesideOthers`. */
  startWriter(place: string, name: string, count: number): Child;
  /** Starts a process that runs `handleGroup`. */
  startConsumer(place: string, name: string): Child;
}

/** Tests of any kind of store, by their names. */
export type StoreCases = Readonly<Record<string, (stores: TestedStores) => Promise<void>>>;

/** Makes cases the tests of a kind of store. */
export function testStores(cases: StoreCases, stores: TestedStores): void {
  for (const [name, run] of Object.entries(cases)) test(name, () => run(stores));
}
