import type { EventStore, ReadModels } from "@reactive-domain/persistence";
import type { Connection } from "./tallies.ts";

/** A store that can be tortured. What speaks to its file or server past the port stands here, and nothing else does. */
export interface TorturedStore {
  open(options?: { readonly readOnly?: boolean }): Promise<EventStore>;
  /** Opens what keeps its projections. */
  openViews(): Promise<ReadModels<Connection>>;
  /** In how many lanes projections run there. */
  readonly lanes: number;
  /** All rows of a table of a projection, past the port. */
  rowsOf(table: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Resolves when nothing is under way any more of what those who are dead had begun. */
  settled(): Promise<void>;
  /** What is wrong with it as a file or database, as its own tools see it; empty when nothing is. */
  check(): Promise<readonly string[]>;
  /** Removes an event from the middle of the log past the port: what the torture has to notice. */
  plantHole(): Promise<void>;
}

/** A server that can be killed. */
export interface TorturedServer {
  /** SIGKILL; resolves when nothing of it runs. */
  kill(): Promise<void>;
  /** Resolves when it takes connections. */
  start(): Promise<void>;
}

/** Where a run has its new store. */
export interface TorturedPlace {
  /** What is opened there, `kind:place`. */
  readonly url: string;
  /** Where it is found when it is kept, behind the word "in". */
  readonly name: string;
  /** How many processes may use it at the same time. */
  readonly most: number;
  /** Its server, when it has one of its own. */
  readonly server?: TorturedServer;
  /** Lets go of it: it is removed, or kept beyond the end of this process. */
  end(isKept: boolean): Promise<void>;
}
