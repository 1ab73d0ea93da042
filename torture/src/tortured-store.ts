import type { EventStore } from "@reactive-domain/persistence";

/** A store that can be tortured. What speaks to its file or server past the port stands here, and nothing else does. */
export interface TorturedStore {
  open(options?: { readonly readOnly?: boolean }): Promise<EventStore>;
  /** What is wrong with it as a file or database, as its own tools see it; empty when nothing is. */
  check(): Promise<readonly string[]>;
  /** Removes an event from the middle of the log past the port: what the torture has to notice. */
  plantHole(): Promise<void>;
}
