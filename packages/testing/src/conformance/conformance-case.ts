import type { Capability, EventStore } from "@reactive-domain/persistence";
import { inTime } from "./deadline.ts";

/** Opens a store that is empty and that nobody else uses. The case that asked for it closes it. */
export type StoreFactory = () => Promise<EventStore>;

/** One promise of a port, as data: any test runner can list the cases and run them. */
export interface ConformanceCase {
  /** A sentence that says what is promised. Unique among the cases of a port. */
  readonly name: string;
  /** The ids of the behaviours that the case shows, like `F4`. */
  readonly behaviours: readonly string[];
  /** What not every store has, and the case is about. Run it where {@link EventStore.gaps} names none of it. */
  readonly requires?: readonly Capability[];
  /** Rejects when the promise is broken: with an assertion that says what was expected, or with the error that came instead; also when no answer comes. */
  run(open: StoreFactory): Promise<void>;
}

/** Longer than any case takes, also where thousands of calls go to a server on a slow machine. */
const CASE_DEADLINE_MS = 120_000;

/** A case that needs one store. */
export function storeCase(name: string, behaviours: readonly string[], check: (store: EventStore) => Promise<void>): ConformanceCase {
  return {
    name,
    behaviours,
    async run(open: StoreFactory): Promise<void> {
      const store = await inTime(open(), "An open store", CASE_DEADLINE_MS);
      const failures: unknown[] = [];
      const note = (error: unknown): unknown => failures.push(error);
      await inTime(check(store), "The end of the case", CASE_DEADLINE_MS).catch(note);
      await inTime(store.close(), "The end of the store").catch(note);
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** Cases about something that not every store has. */
export function requiring(capabilities: readonly Capability[], cases: readonly ConformanceCase[]): readonly ConformanceCase[] {
  if (capabilities.length === 0) return cases;
  return cases.map((one) => ({ ...one, requires: [...(one.requires ?? []), ...capabilities] }));
}
