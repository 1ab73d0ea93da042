import { currentRuntime, withRuntime, type Position, type Runtime } from "@reactive-domain/core";
import type { BoundedContext, EventFeed, ReadModelBase } from "@reactive-domain/foundation";
import { createFixedRuntime } from "../specification/fixed-runtime.ts";
import type { GivenRecord } from "./given-event.ts";

/** What all runs of one case have in common. */
export interface ReadModelCase<M extends ReadModelBase> {
  readonly create: () => M;
  readonly records: readonly GivenRecord[];
  readonly context: BoundedContext | undefined;
  /** What the clock says that models see: it stands. */
  readonly nowMs: number;
}

/** A read model that keeps snapshots. */
export interface SnapshotKeeper {
  takeSnapshot(): unknown;
  restoreFromSnapshot(state: never): unknown;
}

export function isSnapshotKeeper(model: object): model is SnapshotKeeper {
  return ["takeSnapshot", "restoreFromSnapshot"].every((name) => typeof Reflect.get(model, name) === "function");
}

/** A new model within a runtime of its own, and what has stopped it. */
export class ModelRun<M extends ReadModelBase> implements AsyncDisposable {
  readonly model: M;
  readonly #runtime: Runtime;

  constructor({ create, nowMs }: ReadModelCase<M>) {
    // Time stands, and ids are counted; what waits, waits as the test around does.
    this.#runtime = { ...createFixedRuntime(new Date(nowMs)), scheduler: currentRuntime().scheduler };
    this.model = this.within(create);
  }

  within<T>(work: () => T): T {
    return withRuntime(this.#runtime, work);
  }

  /** Has it handle what is there, behind what it was restored from. Resolves with what has stopped it, if something did. */
  async handle(feed: EventFeed): Promise<Error | undefined> {
    await this.within(() => this.model.start(feed, { onFault: () => undefined }));
    return stopOf(this.model.live);
  }

  /** Resolves when it has handled what was committed up to a position, or with what has stopped it. */
  reach(position: Position): Promise<Error | undefined> {
    return stopOf(this.model.caughtUpTo(position));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.model.close();
  }
}

async function stopOf(reaching: Promise<void>): Promise<Error | undefined> {
  try {
    await reaching;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
