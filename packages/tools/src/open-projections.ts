import { connect, createProjections, type Projections, type RunnableProjection, type RunOptions } from "@reactive-domain/foundation";
import type { ReadModels } from "@reactive-domain/persistence";
import { othersText } from "./commands/projections/kept-projection.ts";
import { UsageError } from "./errors.ts";
import { moduleProjections, type ModuleOptions } from "./module-projections.ts";
import { openStore } from "./open-store.ts";
import { openViews, type ViewsOptions } from "./open-views.ts";
import { printable } from "./printable.ts";
import { refusalsAsUsage } from "./store-url.ts";

/** Where the projections of a command are defined, where their events are, and where they are kept. */
export interface ProjectionsOptions extends ModuleOptions, ViewsOptions {
  /** The URL of the store. */
  readonly store: string;
}

/** Which projections are opened, and how they run. */
export interface Opening {
  /** All of the module, where none is named. */
  readonly names: readonly string[];
  readonly run: RunOptions;
  /** Whether a file for read models is made where there is none. */
  readonly makesViews: boolean;
}

/** Works on projections of a module, on a store that is only read. Throws {@link UsageError} where what is asked for cannot be. */
export async function withProjections<T>(
  options: ProjectionsOptions,
  { names, run, makesViews }: Opening,
  work: (projections: Projections, views: ReadModels) => Promise<T>,
): Promise<T> {
  const { context, projections, connectOptions } = await moduleProjections(options);
  const chosen = (names.length === 0 ? [...projections.keys()] : [...new Set(names)]).map((name) => {
    const projection = projections.get(name);
    if (projection !== undefined) return projection;
    throw new UsageError(`${options.module} exports no projection ${printable(name)}. ${othersText([...projections.keys()])}`);
  });
  await using store = await openStore(options.store);
  await using views = await openViews(options.views, { mustExist: !makesViews });
  return await refusalsAsUsage(async () => {
    await using made = createProjections(connect(context, store, connectOptions), views, chosen, run);
    return await work(made, views);
  });
}

/** The same, with one of them. */
export function withProjection<T>(
  name: string,
  options: ProjectionsOptions,
  run: RunOptions,
  work: (projection: RunnableProjection, views: ReadModels) => Promise<T>,
): Promise<T> {
  return withProjections(options, { names: [name], run, makesViews: false }, (projections, views) => work(projections.of(name), views));
}
