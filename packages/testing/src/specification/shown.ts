import { inspect, isDeepStrictEqual } from "node:util";
import { classOf, MessageBase, ReactiveDomainError } from "@reactive-domain/foundation";

const MAX_ACT_LENGTH = 60;
/** What test runners put in front of what was imported, like `__vite_ssr_import_3__.`. */
const TRANSFORMED_IMPORT = /\b__\w+__\./g;

/** A value as a failure shows it: as deep as it goes, on one line. */
export function shown(value: unknown): string {
  return inspect(value, { depth: null, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 200, maxStringLength: 2_000, sorted: false });
}

/** The payload of a message, as a plain object. */
export function payloadOf(message: MessageBase): object {
  return Object.assign({}, message);
}

/** A message by its type and payload. */
function shownMessage(message: unknown): string {
  return message instanceof MessageBase ? `${classOf(message).type} ${shown(payloadOf(message))}` : shown(message);
}

/** What was thrown, on one line. */
export function shownError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return shown(thrown);
  const code = thrown instanceof ReactiveDomainError ? ` (${thrown.code})` : "";
  return `${thrown.constructor.name}${code}: ${thrown.message}`;
}

/** What was done, in short: a command, what a function consists of, or its name. */
export function shownAct(act: unknown): string {
  if (typeof act !== "function") return shownMessage(act);
  const { body = "" } = /^(?:\w+|\([^)]*\))\s*=>\s*(?<body>.*)$/.exec(String(act).replaceAll(/\s+/g, " "))?.groups ?? {};
  const name =
    body.replace(/^\{\s*(?<statements>.*?)\s*\}$/, "$<statements>").replaceAll(TRANSFORMED_IMPORT, "") || act.name || "a function";
  return name.length > MAX_ACT_LENGTH ? `${name.slice(0, MAX_ACT_LENGTH - 3)}...` : name;
}

/** `1 event`, `2 events`. */
export function countOf(events: readonly unknown[]): string {
  return `${events.length} ${events.length === 1 ? "event" : "events"}`;
}

/** Events line by line, numbered; those that differ from the other list are marked. */
export function shownEvents(events: readonly unknown[], others: readonly unknown[] = events): string {
  if (events.length === 0) return "  none";
  return events
    .map((event, index) => `${isDeepStrictEqual(event, others[index]) ? " " : "≠"} ${index + 1}. ${named(event, others[index])}`)
    .join("\n");
}

/** Two classes may have one type name: what is shown of their events looks the same. */
function named(event: unknown, other: unknown): string {
  const text = shownMessage(event);
  const isTwin =
    event instanceof MessageBase && other instanceof MessageBase && classOf(event) !== classOf(other) && text === shownMessage(other);
  return isTwin ? `${text} (of another class with this type)` : text;
}

/** Events as plain data, for the diff that a test runner shows. */
export function plainEvents(events: readonly unknown[]): readonly unknown[] {
  return events.map((event) => (event instanceof MessageBase ? { type: classOf(event).type, payload: payloadOf(event) } : event));
}
