import { InvalidArgument } from "@reactive-domain/core";
import { busKindOf, type CommandBus, type MessageClass, type QueryBus } from "@reactive-domain/messaging";

/** What of a bus tells of its handlers. */
export type HandlingBus = Pick<CommandBus & QueryBus, "handles" | "handlersFor" | "handledTypes">;

/** What one kind of messages of a context is held against. */
export interface Handling {
  readonly kind: "command" | "query";
  readonly classes: readonly MessageClass[];
  readonly buses: readonly HandlingBus[];
}

/** The buses that were given, one or several. Errors: `invalid-argument`. */
export function busesOf(option: string, kind: Handling["kind"], given: HandlingBus | readonly HandlingBus[]): readonly HandlingBus[] {
  const buses = Array.isArray(given) ? (given as readonly HandlingBus[]) : [given as HandlingBus];
  for (const bus of buses)
    if (!isBus(bus) || (busKindOf(bus) ?? kind) !== kind)
      throw new InvalidArgument(`The ${option} of verify`, `a ${kind} bus, or an array of them`, given);
  return buses;
}

/** What is wrong with the handlers of the messages of one kind. */
export function handlerProblems({ kind, classes, buses }: Handling): readonly string[] {
  return classes.flatMap((messageClass) => {
    const what = `The ${kind} ${messageClass.type}`;
    // Buses that are connected with each other know the same handlers.
    const sites = [...new Set(buses.flatMap((bus) => bus.handlersFor(messageClass)))].map(({ site }) => site);
    if (sites.length > 1) return `${what} has ${sites.length} handlers: from ${sites.join(", and from ")}. Keep one of them.`;
    if (buses.some((bus) => bus.handles(messageClass))) return [];
    if (buses.some((bus) => bus.handledTypes().includes(messageClass.type)))
      return `${what} has no handler, but another class of that name has one. List the class that is handled, or handle the one that is listed.`;
    return `${what} has no handler. Register one before, or give \`verify\` the bus that has it.`;
  });
}

function isBus(bus: unknown): boolean {
  if (typeof bus !== "object" || bus === null) return false;
  return ["handles", "handlersFor", "handledTypes"].every((method) => typeof Reflect.get(bus, method) === "function");
}
