import type { EventStore } from "@reactive-domain/foundation";

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
  const planned = faults.values();
  return withWrite(store, async (items, options) => {
    const fault = planned.next().value ?? "none";
    if (fault === "before") throw new Outage("The store is away.");
    const result = await store.write(items, options);
    if (fault === "after") throw new Outage("The answer was lost.");
    return result;
  });
}
