import type { ReadSource, SubscriptionMessage } from "@reactive-domain/persistence";
import { eventsText, eventText } from "./answer-text.ts";
import { cursorOf, selects } from "./read-model.ts";
import { holds, type ModelEvent, type StoreModel } from "./store-model.ts";
import type { Watcher } from "./watcher.ts";

/** What a subscription has to give. */
interface Due {
  /** What it selects behind its place, by position. */
  readonly events: ReadonlyMap<number, ModelEvent>;
  /** What was hidden or removed for a while: it may be left out. */
  readonly optional: ReadonlySet<number>;
  /** What was hidden all the time: it must be left out. */
  readonly never: ReadonlySet<number>;
}

/** What a subscription has told so far. */
interface Told {
  readonly positions: Set<number>;
  readonly last: number;
  readonly upTo: number;
}

/**
 * What is wrong with that which a subscription gave, if anything. `models` are the states that the log went through; `called` is the last position of the writes
 * that were called before the subscription was open.
 */
export function deliveryProblem(watcher: Watcher, models: readonly StoreModel[], called: number): string | undefined {
  if (watcher.hasEnded) return endProblem(watcher);
  const due = dueOf(watcher, models, called);
  let told: Told = { positions: new Set(), last: -1, upTo: -1 };
  for (const message of watcher.messages) {
    const upTo = message.upTo ?? -1;
    const problem = orderProblem(message, told, due) ?? lossProblem(upTo, told, due);
    if (problem !== undefined) return problem;
    told = { ...told, upTo, last: lastOf(message) ?? told.last };
  }
  return liveProblem(watcher);
}

function endProblem({ step, opening, error, errorCode }: Watcher): string | undefined {
  const { from } = step.options;
  const isAhead = typeof from === "object" && !("stream" in step.source) && from.after > opening.acknowledged;
  return errorCode === "ahead-of-log" && isAhead ? undefined : `must go on; but ended with ${String(error)}`;
}

function dueOf(watcher: Watcher, models: readonly StoreModel[], called: number): Due {
  const { source, options } = watcher.step;
  const written = models.at(-1)?.written ?? [];
  const isBehind = placeOf(watcher, called);
  const selected = written.filter((event) => holds(source, event) && selects(options.filter ?? {}, event) && isBehind(event));
  const shown = models.map((model) => ({ size: model.written.length, positions: shownBy(model, source) }));
  const positions = selected.map(({ position }) => position);
  const optional = positions.filter((position) => shown.some((one) => one.size > position && !one.positions.has(position)));
  const never = positions.filter((position) => !shown.some((one) => one.positions.has(position)));
  return { events: new Map(selected.map((event) => [event.position, event])), optional: new Set(optional), never: new Set(never) };
}

function shownBy(model: StoreModel, source: ReadSource): ReadonlySet<number> {
  return new Set(model.shown(source).map(({ position }) => position));
}

/** A subscription from the end begins behind all that was acknowledged, at the latest behind what was on its way when it was opened. */
function placeOf({ step, opening, messages }: Watcher, called: number): (event: ModelEvent) => boolean {
  const { source, options } = step;
  const { from = "start" } = options;
  if (from === "start") return () => true;
  if (from !== "end") return (event) => cursorOf(source, event) > from.after;
  const first = messages.flatMap((message) => (message.kind === "events" ? message.events : []))[0]?.position ?? called + 1;
  const begin = Math.max(opening.acknowledged, Math.min(called, first - 1));
  return ({ position }) => position > begin;
}

function orderProblem(message: SubscriptionMessage, { positions, last, upTo }: Told, { events, never }: Due): string | undefined {
  if ((message.upTo ?? -1) < upTo) return `must not tell that it has come to ${message.upTo} behind ${upTo}`;
  let before = last;
  for (const event of message.kind === "events" ? message.events : []) {
    const expected = events.get(event.position);
    if (expected === undefined || never.has(event.position)) return `must not give ${eventText(event)}`;
    if (eventText(expected) !== eventText(event)) return `must give ${eventText(expected)}; but gave ${eventText(event)}`;
    if (event.position <= before) return `must not give ${eventText(event)} again or behind position ${before}`;
    if (event.position > (message.upTo ?? -1)) return `must not give ${eventText(event)} in a message up to ${message.upTo}`;
    before = event.position;
    positions.add(before);
  }
  return undefined;
}

function lossProblem(upTo: number, { positions }: Told, { events, optional }: Due): string | undefined {
  const lost = [...events.values()].filter(({ position }) => position <= upTo && !positions.has(position) && !optional.has(position));
  return lost.length === 0 ? undefined : `must give ${eventsText(lost)} before it tells that it has come to ${upTo}`;
}

function liveProblem({ messages, opening, isLeft }: Watcher): string | undefined {
  const signals = messages.filter(({ kind }) => kind === "live");
  const [first] = signals;
  if (signals.length > 1) return `must signal once that it is live; but did ${signals.length} times`;
  if (first === undefined) return isLeft ? undefined : "must signal that it is live; but did not";
  const upTo = first.upTo ?? -1;
  return upTo < opening.acknowledged ? `must be live behind ${opening.acknowledged}; but was behind ${upTo}` : undefined;
}

function lastOf(message: SubscriptionMessage): number | undefined {
  return message.kind === "events" ? message.events.at(-1)?.position : undefined;
}
