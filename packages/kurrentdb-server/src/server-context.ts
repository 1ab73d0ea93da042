import type { Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { ServerLimits } from "./server-options.ts";

/** What every call of the server works with. */
export interface ServerContext {
  readonly store: EventStore;
  readonly limits: ServerLimits;
  readonly runtime: Runtime;
  /** Aborted when the server is to stop: what never ends by itself ends then. */
  readonly stopping: AbortSignal;
  /** Where clients find the server, for gossip. */
  readonly address: () => { readonly host: string; readonly port: number };
}
