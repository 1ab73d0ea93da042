import type { EventStore } from "@reactive-domain/foundation";
import { injectFaults } from "@reactive-domain/testing";

/** A real store with another way to write. */
export function withWrite(store: EventStore, write: EventStore["write"]): EventStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** What becomes of one write: it goes well, fails before anything is written, or fails although all is written (unknown outcome). */
export type WriteFault = "none" | "before" | "after";

export class Outage extends Error {}

/** A real store whose writes fail as planned, the first by the first fault; those after the last go well. */
export function withFaults(store: EventStore, faults: readonly WriteFault[]): EventStore {
  const planned = injectFaults(store);
  let skip = 0;
  for (const outcome of faults) {
    if (outcome === "none") {
      skip++;
      continue;
    }
    planned.failWrites({ skip, outcome, error: new Outage(`This write fails ${outcome} it.`) });
    skip = 0;
  }
  return planned.store;
}
