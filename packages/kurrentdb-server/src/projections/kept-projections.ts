import type { Position, Runtime } from "@reactive-domain/core";
import type { EventStore } from "@reactive-domain/persistence";
import type { Access, Operation } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { KeptStates, timesTold, type ProjectionState } from "./kept-states.ts";
import type { Edge, ProjectionDetails, ProjectionMode, Projections } from "./projections.ts";
import { ownProjection, projectionNotFound, systemProjection } from "./refusals.ts";
import { SYSTEM_PROJECTIONS, type SystemProjection } from "./system-projections.ts";

const NOTHING = {};
/** What is done for a projection before somebody reads: nothing. */
const NO_WORK = {
  coreProcessingTime: 0,
  writesInProgress: 0,
  readsInProgress: 0,
  partitionsCached: 0,
  stateReason: "",
  eventsProcessedAfterRestart: 0,
  checkpointStatus: "",
  bufferedEvents: 0,
  writePendingEventsBeforeCheckpoint: 0,
  writePendingEventsAfterCheckpoint: 0,
};

/** The system projections of a store, kept in it. */
export class KeptProjections implements Projections {
  readonly #store: EventStore;
  readonly #access: Access;
  readonly #states: KeptStates;

  constructor({ store, runtime, access }: { readonly store: EventStore; readonly runtime: Runtime; readonly access: Access }) {
    this.#store = store;
    this.#access = access;
    this.#states = new KeptStates(store, runtime);
  }

  async list(principal: Principal, mode: ProjectionMode): Promise<readonly ProjectionDetails[]> {
    await this.#access.toOperation(principal, "readProjections");
    if (mode === "transient" || mode === "oneTime") return [];
    return Promise.all(SYSTEM_PROJECTIONS.map((projection) => this.#details(projection)));
  }

  async details(principal: Principal, name: string): Promise<ProjectionDetails> {
    return this.#details(await this.#named(principal, "readProjections", name));
  }

  async enable(principal: Principal, name: string): Promise<void> {
    const projection = await this.#named(principal, "manageProjections", name);
    await this.#states.change(projection, ({ status, epoch }) => (status === "Running" ? undefined : { status: "Running", epoch }));
  }

  disable(principal: Principal, name: string): Promise<void> {
    return this.#stop(principal, name, "Stopped");
  }

  abort(principal: Principal, name: string): Promise<void> {
    return this.#stop(principal, name, "Aborted");
  }

  async reset(principal: Principal, name: string): Promise<void> {
    const projection = await this.#named(principal, "manageProjections", name);
    await this.#states.change(projection, (state) => ({ status: state.status, stoppedAt: state.stoppedAt, epoch: timesTold(state) + 1 }));
  }

  async state(principal: Principal, name: string): Promise<Readonly<Record<string, never>>> {
    await this.#named(principal, "readProjections", name);
    return NOTHING;
  }

  result(principal: Principal, name: string): Promise<Readonly<Record<string, never>>> {
    return this.state(principal, name);
  }

  async create(principal: Principal): Promise<never> {
    await this.#access.toOperation(principal, "manageProjections");
    throw ownProjection();
  }

  update(principal: Principal): Promise<never> {
    return this.create(principal);
  }

  async delete(principal: Principal, name: string): Promise<never> {
    throw systemProjection(await this.#named(principal, "manageProjections", name));
  }

  async restart(principal: Principal): Promise<void> {
    await this.#access.toOperation(principal, "manageProjections");
  }

  async edge(projection: SystemProjection, signal: AbortSignal): Promise<Edge | undefined> {
    const { stoppedAt, told } = await this.#states.of(projection, signal);
    return stoppedAt === undefined || told === undefined ? undefined : { position: stoppedAt, version: told };
  }

  moved(projection: SystemProjection, { version }: Edge, signal: AbortSignal): Promise<void> {
    return this.#states.changed(projection, version, signal);
  }

  /** One that has stopped already stays where it is. */
  async #stop(principal: Principal, name: string, status: "Stopped" | "Aborted"): Promise<void> {
    const projection = await this.#named(principal, "manageProjections", name);
    await this.#states.change(projection, (state) => (state.status === "Running" ? { status, epoch: state.epoch } : undefined));
  }

  /** Errors: access denied, invalid argument, not found. */
  async #named(principal: Principal, operation: Operation, name: string): Promise<SystemProjection> {
    await this.#access.toOperation(principal, operation);
    if (name === "") throw invalidArgument("The request names no projection.");
    const projection = SYSTEM_PROJECTIONS.find((one) => one === name);
    if (projection === undefined) throw projectionNotFound(name);
    return projection;
  }

  async #details(projection: SystemProjection): Promise<ProjectionDetails> {
    const state = await this.#states.of(projection);
    const head = await this.#head();
    const at = placeOf(state, head);
    return {
      ...NO_WORK,
      name: projection,
      effectiveName: projection,
      mode: "Continuous",
      status: state.status,
      version: timesTold(state),
      epoch: state.epoch,
      position: at,
      lastCheckpoint: at,
      progress: progressOf(state, head),
    };
  }

  async #head(): Promise<Position | null> {
    for await (const { head } of this.#store.read({ all: true }, { direction: "backwards", limit: 1 }).batches()) return head;
    return null;
  }
}

function placeOf({ stoppedAt }: ProjectionState, head: Position | null): string {
  const place = stoppedAt ?? head ?? -1;
  return `C:${place}/P:${place}`;
}

function progressOf({ stoppedAt }: ProjectionState, head: Position | null): number {
  return stoppedAt === undefined || head === null ? 100 : (100 * (stoppedAt + 1)) / (head + 1);
}
