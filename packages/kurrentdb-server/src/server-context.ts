import type { Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { Access } from "./access/access.ts";
import type { Lanes } from "./metadata/lanes.ts";
import type { ServerLimits } from "./server-options.ts";
import type { Subscriptions } from "./subscriptions/subscriptions.ts";

/** What every call of the server works with. */
export interface ServerContext {
  readonly store: EventStore;
  readonly limits: ServerLimits;
  readonly runtime: Runtime;
  /** Who may do what. */
  readonly access: Access;
  /** What is said about a stream, and its deletion, go one after another, by the name of the stream. */
  readonly lanes: Lanes;
  readonly subscriptions: Subscriptions;
  /** Aborted when the server is to stop: what never ends by itself ends then. */
  readonly stopping: AbortSignal;
  /** Where clients find the server, for gossip. */
  readonly address: () => { readonly host: string; readonly port: number };
}
