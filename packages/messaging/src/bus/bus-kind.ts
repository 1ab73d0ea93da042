/** Which messages a bus brings. */
export type BusKind = "command" | "event" | "query";

/** What a bus is known by, also one of another copy of this package. */
export const BUS: unique symbol = Symbol.for("@reactive-domain/messaging/bus") as never;

const KINDS: readonly unknown[] = ["command", "event", "query"] satisfies readonly BusKind[];

/** Which kind of bus a value is; `undefined` of anything else. */
export function busKindOf(value: unknown): BusKind | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const kind: unknown = Reflect.get(value, BUS);
  return KINDS.includes(kind) ? (kind as BusKind) : undefined;
}
