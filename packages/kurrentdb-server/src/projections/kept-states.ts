import type { Position, Runtime, Version } from "@reactive-domain/core";
import { after, JSON_CONTENT_TYPE, WrongExpectedVersion, type EventStore } from "@reactive-domain/persistence";
import type { ProjectionStatus } from "./projections.ts";
import { keptStream, type SystemProjection } from "./system-projections.ts";

/** How a projection is. */
export interface ProjectionState {
  readonly status: ProjectionStatus;
  /** Of the last event that its streams show; `undefined` while it runs. */
  readonly stoppedAt: Position | undefined;
  /** The version of its last reset, from 1; 0 where there was none. */
  readonly epoch: number;
  /** Of the event that says so; `undefined` where nothing was ever said. */
  readonly told: Version | undefined;
}

/** What is to be said of a projection: it stops where that is said, unless it has stopped before. */
export type Change = Pick<ProjectionState, "status" | "epoch"> & { readonly stoppedAt?: Position | undefined };

const EVENT_TYPE = "$projectionChanged";
const BEGINNING: ProjectionState = { status: "Running", stoppedAt: undefined, epoch: 0, told: undefined };
/** Between a look and the write another server may say something of the projection: hardly ever twice. */
const MAX_TRIES = 10;

/**
 * Keeps how projections are in streams of the store: what was said last, holds. A projection has stopped at the position of the event that says so, which is the same place in the log to all
 * servers of the store, and to all who read.
 */
export class KeptStates {
  readonly #store: EventStore;
  readonly #runtime: Runtime;

  constructor(store: EventStore, runtime: Runtime) {
    this.#store = store;
    this.#runtime = runtime;
  }

  async of(projection: SystemProjection, signal?: AbortSignal): Promise<ProjectionState> {
    const options = { direction: "backwards", limit: 1, ...(signal !== undefined && { signal }) } as const;
    for await (const event of this.#store.read({ stream: keptStream(projection) }, options)) {
      const { status, epoch, stoppedAt } = JSON.parse(Buffer.from(event.data).toString("utf8")) as Change;
      const isRunning = status === "Running";
      return { status, epoch, stoppedAt: isRunning ? undefined : (stoppedAt ?? event.position), told: event.version };
    }
    return BEGINNING;
  }

  /** Says what comes of the state; nothing where nothing does. */
  async change(projection: SystemProjection, changeOf: (state: ProjectionState) => Change | undefined): Promise<void> {
    for (let tries = 1; ; tries++) {
      const state = await this.of(projection);
      const change = changeOf(state);
      if (change === undefined) return;
      try {
        await this.#say(projection, state, change);
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedVersion) || tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Resolves when something is said behind what was told by then. */
  async changed(projection: SystemProjection, told: Version, signal: AbortSignal): Promise<void> {
    const subscription = this.#store.subscribe({ stream: keptStream(projection) }, { from: after(told), signal });
    for await (const message of subscription) if (message.kind === "events" && message.events.length > 0) return;
  }

  async #say(projection: SystemProjection, { told }: ProjectionState, change: Change): Promise<void> {
    const stream = keptStream(projection);
    const event = {
      id: this.#runtime.ids.next(),
      type: EVENT_TYPE,
      schemaVersion: 1,
      contentType: JSON_CONTENT_TYPE,
      data: JSON.stringify(change),
      metadata: "{}",
    };
    await this.#store.write(
      [
        { kind: "append", stream, expectedVersion: told ?? "noStream", events: [event] },
        { kind: "metadata", stream, metadata: { maxCount: 1 } },
      ],
      { systemStreams: true },
    );
  }
}

/** How many times something was said of a projection. */
export function timesTold({ told }: ProjectionState): number {
  return told === undefined ? 0 : told + 1;
}
