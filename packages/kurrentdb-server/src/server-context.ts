import type { Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { Access } from "./access/access.ts";
import type { Authenticate } from "./access/authenticate.ts";
import type { Lanes } from "./metadata/lanes.ts";
import type { Users } from "./users/users.ts";
import type { Projections } from "./projections/projections.ts";
import type { ServerLimits } from "./server-options.ts";
import type { Subscriptions } from "./subscriptions/subscriptions.ts";

/** What every call of the server works with. */
export interface ServerContext {
  readonly store: EventStore;
  readonly limits: ServerLimits;
  readonly runtime: Runtime;
  /** Who calls. */
  readonly authenticate: Authenticate;
  /** Who may do what. */
  readonly access: Access;
  /** `undefined` where there are none. */
  readonly users: Users | undefined;
  readonly projections: Projections;
  /** What is said about a stream, and its deletion, go one after another, by the name of the stream. */
  readonly lanes: Lanes;
  readonly subscriptions: Subscriptions;
  /** Aborted when the server is to stop: what never ends by itself ends then. */
  readonly stopping: AbortSignal;
  /** Names this run of the server. */
  readonly instanceId: string;
  /** Where clients find the server, for gossip. */
  readonly address: () => { readonly host: string; readonly port: number };
}
