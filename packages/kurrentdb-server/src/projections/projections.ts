import type { Position, Version } from "@reactive-domain/core";
import type { Principal } from "../access/principal.ts";
import type { SystemProjection } from "./system-projections.ts";

/** Which projections are meant, by how they run. All of the system's run continuously. */
export type ProjectionMode = "all" | "continuous" | "transient" | "oneTime";

/** What projections can be told to do, by whichever protocol. All of it checks who asks. Errors: access denied; not found, for a name that no projection has. */
export interface Projections {
  list(principal: Principal, mode: ProjectionMode): Promise<readonly ProjectionDetails[]>;
  details(principal: Principal, name: string): Promise<ProjectionDetails>;
  /** Its streams show everything from now on, also what was written meanwhile. */
  enable(principal: Principal, name: string): Promise<void>;
  /** Its streams show nothing that is written from now on. */
  disable(principal: Principal, name: string): Promise<void>;
  /** As {@link disable}, with another word for it. */
  abort(principal: Principal, name: string): Promise<void>;
  /** Begins a new epoch. There is nothing to make again. */
  reset(principal: Principal, name: string): Promise<void>;
  /** A system projection has no state. */
  state(principal: Principal, name: string): Promise<Readonly<Record<string, never>>>;
  /** A system projection has no result. */
  result(principal: Principal, name: string): Promise<Readonly<Record<string, never>>>;
  /** Projections of a client's own are refused. Errors: not supported. */
  create(principal: Principal): Promise<never>;
  /** Errors: not supported. */
  update(principal: Principal): Promise<never>;
  /** Errors: not supported, for those of the system. */
  delete(principal: Principal, name: string): Promise<never>;
  /** There is nothing to restart: streams are made when they are read. */
  restart(principal: Principal): Promise<void>;
  /** Where the streams of a projection end; `undefined` while it runs. */
  edge(projection: SystemProjection, signal: AbortSignal): Promise<Edge | undefined>;
  /** Resolves when a projection that ended somewhere was told something else. */
  moved(projection: SystemProjection, edge: Edge, signal: AbortSignal): Promise<void>;
}

/** Where the streams of a projection that does not run end. */
export interface Edge {
  /** Of the last event that they show. */
  readonly position: Position;
  /** Of what was told of the projection. */
  readonly version: Version;
}

/** What is told of a projection, as the wire names it. */
export interface ProjectionDetails {
  readonly coreProcessingTime: number;
  /** How often it was told something. */
  readonly version: number;
  /** The version of its last reset. */
  readonly epoch: number;
  readonly effectiveName: string;
  readonly writesInProgress: number;
  readonly readsInProgress: number;
  readonly partitionsCached: number;
  readonly status: ProjectionStatus;
  readonly stateReason: string;
  readonly name: string;
  readonly mode: "Continuous";
  /** The last event that its streams show, like `C:7/P:7`. */
  readonly position: string;
  /** In percent of the log. */
  readonly progress: number;
  readonly lastCheckpoint: string;
  readonly eventsProcessedAfterRestart: number;
  readonly checkpointStatus: string;
  readonly bufferedEvents: number;
  readonly writePendingEventsBeforeCheckpoint: number;
  readonly writePendingEventsAfterCheckpoint: number;
}

export type ProjectionStatus = "Running" | "Stopped" | "Aborted";
