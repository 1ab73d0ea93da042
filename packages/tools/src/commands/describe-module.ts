import { fileURLToPath } from "node:url";
import { isAbsolute, relative } from "node:path";
import { isBoundedContext } from "@reactive-domain/foundation";
import { busKindOf, type BusDescription, type BusKind } from "@reactive-domain/messaging";
import { UsageError } from "../errors.ts";
import { exportedParts, type NamedPart } from "../exported-parts.ts";
import { importModule } from "../import-module.ts";
import { inColumns } from "../in-columns.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";
import { contextText, describeContext, type DescribedContext } from "./described-context.ts";

export interface DescribeModuleOptions {
  /** The directory from which the module is found, and to which places in files are told. Default: the working directory. */
  readonly directory?: string;
  readonly json?: boolean;
}

interface DescribedBus extends BusDescription {
  /** By which the module exports it, like `commands`, or `app.commands` where it is part of an object. */
  readonly name: string;
  readonly kind: BusKind;
}

/**
 * Tells what the buses that a module exports handle, by whom, and through which steps, and what its bounded contexts list. Throws {@link UsageError} where it exports
 * neither.
 */
export async function describeModule(module: string, options: DescribeModuleOptions, output: Output): Promise<void> {
  const { directory = process.cwd(), json = false } = options;
  const parts = exportedParts(await importModule(module, directory), (value) => busKindOf(value) !== undefined || isBoundedContext(value));
  const buses = busesIn(parts, directory);
  const contexts = contextsIn(parts);
  if (buses.length === 0 && contexts.length === 0)
    throw new UsageError(
      `${module} exports no bus and no bounded context, neither by itself nor in an object. Export what createCommandBus, createEventBus, createQueryBus or boundedContext made.`,
    );
  const blocks = [...buses.map(busText), ...contexts.map(contextText)];
  await output.write(json ? [JSON.stringify({ module, buses, contexts })] : blocks.flatMap(spaced));
}

interface NamedBus {
  readonly describe: () => BusDescription;
}

function busesIn(parts: readonly NamedPart[], directory: string): readonly DescribedBus[] {
  return parts.flatMap(([name, value]) => {
    const kind = busKindOf(value);
    if (kind === undefined) return [];
    const { handlers, middleware } = (value as NamedBus).describe();
    const told = handlers.map((handler) => ({ type: handler.type, name: handler.name, site: shortened(handler.site, directory) }));
    return [{ name, kind, middleware, handlers: told }];
  });
}

function contextsIn(parts: readonly NamedPart[]): readonly DescribedContext[] {
  return parts.flatMap(([name, value]) => (isBoundedContext(value) ? [describeContext(name, value)] : []));
}

/** A place as a stack tells it, without the function around it, from the directory on. */
function shortened(site: string, directory: string): string {
  const [, place = site] = /\(([^()]*)\)$/.exec(site) ?? [];
  const [, file = place, line = ""] = /^(?:async )?(.*?)((?::\d+){2})$/.exec(place) ?? [];
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  const inside = isAbsolute(path) ? relative(directory, path) : path;
  return `${inside.startsWith("..") ? path : inside}${line}`;
}

function busText({ name, kind, handlers, middleware }: DescribedBus): readonly string[] {
  const steps = middleware.length === 0 ? "no steps" : `through ${middleware.join(", ")}`;
  const rows = handlers.map((handler) => [handler.type, handler.name, handler.site].map(printable));
  return [
    printable(`${name}: ${kind} bus, ${steps}`),
    ...(rows.length === 0 ? ["It handles nothing."] : inColumns([["TYPE", "HANDLER", "REGISTERED AT"], ...rows], 0)),
  ];
}

function spaced(block: readonly string[], index: number): readonly string[] {
  return index === 0 ? block : ["", ...block];
}
