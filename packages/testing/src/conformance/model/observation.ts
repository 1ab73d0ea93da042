import { isDeepStrictEqual, inspect } from "node:util";
import type { EventBatch, ReadOptions, ReadSource, ScavengeResult, StreamInfo, WriteItem } from "@reactive-domain/persistence";
import { eventsText } from "./answer-text.ts";
import { cursorOf, readModel } from "./read-model.ts";
import type { ModelEvent, StoreModel } from "./store-model.ts";

/** What a model says to an answer: the model afterwards when it would have answered so, or what it would have answered. */
export type Explanation = { readonly model: StoreModel } | { readonly problem: string };

/** An answer of a store, and the time from the call to the answer, counted in calls and answers. */
export interface Observation {
  readonly caller: number;
  readonly called: number;
  readonly answered: number;
  /** The step that it belongs to, in words. */
  readonly what: string;
  explain(model: StoreModel): Explanation;
}

/** One batch of a read, and from where it was read. */
export interface SeenBatch {
  readonly source: ReadSource;
  readonly options: ReadOptions;
  readonly batch: EventBatch;
  /** How many events were still asked for. */
  readonly remaining: number;
  /** Whether the read ended with it. */
  readonly isLast: boolean;
}

export function explainWrite(model: StoreModel, items: readonly WriteItem[], answer: string): Explanation {
  const { model: next, answers } = model.write(items);
  return answers.includes(answer) ? { model: next } : { problem: `must be ${answers.join(", or ")}; but was ${answer}` };
}

export function explainInfo(model: StoreModel, info: StreamInfo): Explanation {
  const expected = model.info(info.stream);
  return isDeepStrictEqual(info, expected) ? { model } : { problem: `must tell ${inline(expected)}; but told ${inline(info)}` };
}

export function explainScavenge(model: StoreModel, { events, bytes }: ScavengeResult): Explanation {
  const { model: next, removed } = model.scavenge();
  const size = removed.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata), 0);
  const isRight = events === removed.length && bytes === size;
  return isRight
    ? { model: next }
    : { problem: `must remove ${removed.length} events of ${size} bytes; but removed ${events} of ${bytes}` };
}

export function explainBatch(model: StoreModel, seen: SeenBatch): Explanation {
  const rest = readModel(model, seen.source, seen.options);
  const problem = headProblem(model, seen) ?? eventsProblem(rest, seen) ?? endProblem(rest, seen) ?? nextProblem(rest, seen);
  return problem === undefined ? { model } : { problem };
}

function headProblem(model: StoreModel, { source, batch }: SeenBatch): string | undefined {
  const lastVersion = "stream" in source ? model.lastVersion(source.stream) : undefined;
  if (batch.head !== model.head) return `must tell head ${model.head}; but told ${batch.head}`;
  return batch.lastVersion === lastVersion ? undefined : `must tell last version ${lastVersion}; but told ${batch.lastVersion}`;
}

function eventsProblem(rest: readonly ModelEvent[], { options, batch, remaining }: SeenBatch): string | undefined {
  const most = Math.min(options.maxBatchEvents ?? remaining, remaining);
  if (batch.events.length > most) return `must give at most ${most} events; but gave ${eventsText(batch.events)}`;
  const expected = eventsText(rest.slice(0, batch.events.length));
  const given = eventsText(batch.events);
  return given === expected ? undefined : `must give ${expected}; but gave ${given}`;
}

/** At the end everything has been given that there is, or was asked for. */
function endProblem(rest: readonly ModelEvent[], { batch, remaining, isLast }: SeenBatch): string | undefined {
  const missing = rest.slice(batch.events.length, batch.isEnd ? undefined : remaining);
  if (missing.length === 0 || !(isLast || batch.isEnd)) return undefined;
  return `must not end before ${eventsText(missing)}; but gave ${eventsText(batch.events)} as the last`;
}

/** What follows lies at or behind the next cursor, and what was given lies before it. */
function nextProblem(rest: readonly ModelEvent[], { source, options, batch, isLast }: SeenBatch): string | undefined {
  if (isLast) return undefined;
  const { next } = batch;
  if (next === null) return "must tell where to read on; but told null";
  const sign = options.direction === "backwards" ? -1 : 1;
  const following = rest[batch.events.length];
  const last = batch.events.at(-1);
  if (following !== undefined && (cursorOf(source, following) - next) * sign < 0)
    return `must not pass over ${eventsText([following])}; but next is ${next}`;
  const isRepeating = last !== undefined && (next - cursorOf(source, last)) * sign <= 0;
  return isRepeating ? `must read on behind ${eventsText([last])}; but next is ${next}` : undefined;
}

function inline(value: unknown): string {
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}
