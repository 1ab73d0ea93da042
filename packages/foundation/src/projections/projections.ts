import { checkKeys, InvalidArgument } from "@reactive-domain/core";
import type { CallOptions, ReadModels } from "@reactive-domain/persistence";
import type { ConnectedContext } from "../contexts/connected-context.ts";
import type { Reporting, WorkerReport } from "../health/worker-report.ts";
import { feedOf } from "./projection-feed.ts";
import { ProjectionHandle, type RunnableProjection } from "./projection-handle.ts";
import { runSettings, type RunOptions } from "./projection-options.ts";
import { reportOf } from "./projection-report.ts";
import { checkProjection, type Projection } from "./projection.ts";

/** Projections of a context, and where they are kept. */
export interface Projections extends Reporting, AsyncDisposable {
  /** All of them, in the order in which they were given. */
  readonly all: readonly RunnableProjection[];
  /** One of them, by its definition or its name. Errors: `invalid-argument` for one that is not among them. */
  of(projection: { readonly name: string } | string): RunnableProjection;
  /** Starts all. Errors: as of {@link RunnableProjection.start}; those that were started are closed then. */
  start(): Promise<void>;
  /** How all are, with what is kept of them and their lag. */
  report(options?: CallOptions): Promise<readonly WorkerReport[]>;
  /** Ends all work in this process: what is done is committed, and others may go on at once. */
  close(): Promise<void>;
}

/**
 * Has a context's events projected to where read models are kept. Nothing is read or written before they are started, or something is asked of one.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * await using projections = createProjections(bank, views, [balances, statements]);
 * await projections.start();
 * await projections.of(balances).caughtUp();
 */
export function createProjections<C>(
  context: ConnectedContext,
  views: ReadModels<C>,
  projections: readonly Projection<C>[],
  options: RunOptions = {},
): Projections {
  if (typeof context?.all !== "function") throw new InvalidArgument("context", "a connected context", context);
  if (typeof views?.projections?.commit !== "function") throw new InvalidArgument("views", "where read models are kept", views);
  if (!Array.isArray(projections)) throw new InvalidArgument("projections", "a list of projections", projections);
  const settings = runSettings(options);
  const handles = new Map<string, ProjectionHandle<C>>();
  for (const projection of projections as readonly Projection<C>[]) {
    checkProjection(projection as Projection);
    if (handles.has(projection.name)) throw new InvalidArgument("projections", "of different names", projection.name);
    handles.set(
      projection.name,
      new ProjectionHandle<C>({ projection, feed: feedOf(projection, context), store: views.projections, settings }),
    );
  }
  return new ContextProjections(handles);
}

class ContextProjections<C> implements Projections {
  readonly #handles: ReadonlyMap<string, ProjectionHandle<C>>;

  constructor(handles: ReadonlyMap<string, ProjectionHandle<C>>) {
    this.#handles = handles;
  }

  get all(): readonly RunnableProjection[] {
    return [...this.#handles.values()];
  }

  of(projection: { readonly name: string } | string): RunnableProjection {
    const name = typeof projection === "string" ? projection : projection?.name;
    const handle = this.#handles.get(name);
    if (handle === undefined) throw new InvalidArgument("projection", `one of ${[...this.#handles.keys()].join(", ")}`, name);
    return handle;
  }

  async start(): Promise<void> {
    try {
      await Promise.all(this.all.map((one) => one.start()));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async report(options: CallOptions = {}): Promise<readonly WorkerReport[]> {
    checkKeys("options of a report", options, ["signal", "context"]);
    return Promise.all(this.all.map((one) => reportOf(one, options)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#handles.values()].map((one) => one.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
