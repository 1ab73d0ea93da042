import { fileURLToPath } from "node:url";
import { isAbsolute, relative } from "node:path";
import { busKindOf, type BusDescription, type BusKind } from "@reactive-domain/messaging";
import { UsageError } from "../errors.ts";
import { importModule, type Exports } from "../import-module.ts";
import { inColumns } from "../in-columns.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";

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

/** Tells what the buses that a module exports handle, by whom, and through which steps. Throws {@link UsageError} where it exports none. */
export async function describeModule(module: string, options: DescribeModuleOptions, output: Output): Promise<void> {
  const { directory = process.cwd(), json = false } = options;
  const buses = busesIn(await importModule(module, directory), directory);
  if (buses.length === 0)
    throw new UsageError(
      `${module} exports no bus, neither by itself nor in an object. Export what createCommandBus, createEventBus or createQueryBus made.`,
    );
  await output.write(json ? [JSON.stringify({ module, buses })] : buses.flatMap(asText));
}

interface NamedBus {
  readonly describe: () => BusDescription;
}

function busesIn(exported: Exports, directory: string): readonly DescribedBus[] {
  const direct = Object.entries(exported).toSorted(defaultLast);
  const nested = direct.flatMap(([name, value]) => partsOf(value).map(([part, inner]) => [`${name}.${part}`, inner] as const));
  const seen = new Set<unknown>();
  return [...direct, ...nested].flatMap(([name, value]) => {
    const kind = busKindOf(value);
    if (kind === undefined || seen.has(value)) return [];
    seen.add(value);
    const { handlers, middleware } = (value as NamedBus).describe();
    const told = handlers.map((handler) => ({ type: handler.type, name: handler.name, site: shortened(handler.site, directory) }));
    return [{ name, kind, middleware, handlers: told }];
  });
}

/** A property that is computed is passed over: nobody knows what it does. */
function partsOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || busKindOf(value) !== undefined) return [];
  return Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([name, property]) =>
    property.enumerable === true && "value" in property ? [[name, property.value as unknown] as const] : [],
  );
}

function defaultLast([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return Number(one === "default") - Number(other === "default");
}

/** A place as a stack tells it, without the function around it, from the directory on. */
function shortened(site: string, directory: string): string {
  const [, place = site] = /\(([^()]*)\)$/.exec(site) ?? [];
  const [, file = place, line = ""] = /^(?:async )?(.*?)((?::\d+){2})$/.exec(place) ?? [];
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  const inside = isAbsolute(path) ? relative(directory, path) : path;
  return `${inside.startsWith("..") ? path : inside}${line}`;
}

function asText({ name, kind, handlers, middleware }: DescribedBus, index: number): readonly string[] {
  const steps = middleware.length === 0 ? "no steps" : `through ${middleware.join(", ")}`;
  const rows = handlers.map((handler) => [handler.type, handler.name, handler.site].map(printable));
  return [
    ...(index === 0 ? [] : [""]),
    printable(`${name}: ${kind} bus, ${steps}`),
    ...(rows.length === 0 ? ["It handles nothing."] : inColumns([["TYPE", "HANDLER", "REGISTERED AT"], ...rows], 0)),
  ];
}
