import { isBoundedContext, type BoundedContext, type ConnectOptions, type Projection } from "@reactive-domain/foundation";
import { UsageError } from "./errors.ts";
import { exportedParts, type NamedPart } from "./exported-parts.ts";
import { importModule } from "./import-module.ts";
import { printable } from "./printable.ts";

/** What a module exports that its projections run with. */
export interface ModuleProjections {
  readonly context: BoundedContext;
  /** By name; at least one. */
  readonly projections: ReadonlyMap<string, Projection>;
  /** How the context is connected, where the module says so. */
  readonly connectOptions: ConnectOptions;
}

export interface ModuleOptions {
  /** A file or a package. */
  readonly module: string;
  /** The name of the context, where the module exports several. */
  readonly context?: string;
}

/** Finds the projections that a module exports, and their context: by themselves, in objects or in lists. Throws {@link UsageError} where it lacks them, `ModuleThrew`. */
export async function moduleProjections({ module, context }: ModuleOptions): Promise<ModuleProjections> {
  const exported = await importModule(module, process.cwd());
  const parts = exportedParts(exported, (value) => isBoundedContext(value) || isProjection(value));
  return {
    context: contextIn(parts, module, context),
    projections: projectionsIn(parts, module),
    connectOptions: exported["connectOptions"] ?? {},
  };
}

function contextIn(parts: readonly NamedPart[], module: string, wanted: string | undefined): BoundedContext {
  const all = parts.flatMap(([, value]) => (isBoundedContext(value) ? [value] : []));
  const found = wanted === undefined ? all : all.filter(({ name }) => name === wanted);
  const [context, another] = found;
  const names = all
    .map(({ name }) => name)
    .toSorted()
    .join(", ");
  if (context !== undefined && another === undefined) return context;
  if (all.length === 0) throw new UsageError(`${module} exports no bounded context, neither by itself nor in an object.`);
  if (another !== undefined && wanted === undefined)
    throw new UsageError(`${module} exports several bounded contexts: ${names}. Say by --context whose events are projected.`);
  throw new UsageError(`${module} exports ${context === undefined ? "no" : "several"} bounded context ${wanted}. There are: ${names}.`);
}

function projectionsIn(parts: readonly NamedPart[], module: string): ReadonlyMap<string, Projection> {
  const projections = new Map<string, Projection>();
  for (const [name, value] of parts) {
    if (!isProjection(value)) continue;
    if (projections.has(value.name))
      throw new UsageError(
        `${module} exports two projections of the name ${printable(value.name)}, the second as ${name}. Export the one that runs.`,
      );
    projections.set(value.name, value);
  }
  if (projections.size === 0)
    throw new UsageError(
      `${module} exports no projection, neither by itself nor in an object or a list. Export what projectDocuments or projectTables gave.`,
    );
  return projections;
}

/** By what it can do: a module may have another copy of the class. */
function isProjection(value: unknown): value is Projection {
  return typeof value === "object" && value !== null && "tasksOf" in value && typeof value.tasksOf === "function" && "shape" in value;
}
