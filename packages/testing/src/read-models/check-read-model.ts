import { isDeepStrictEqual } from "node:util";
import { findDataProblem, position, type JsonValue } from "@reactive-domain/core";
import { classOf, type ReadModelBase } from "@reactive-domain/foundation";
import type { Problem } from "../specification/check-snapshot.ts";
import { isSameData } from "../specification/same-data.ts";
import { payloadOf, shown, shownAct, shownError } from "../specification/shown.ts";
import { GivenLog, type History } from "./given-log.ts";
import { isSnapshotKeeper, ModelRun, type ReadModelCase } from "./read-model-run.ts";

/** Places in a long history at which a model is stopped and restored. */
const MAX_STOPS = 32;

/** A model that has handled everything, and what is looked at of it, if that is known. */
export interface Handled<M extends ReadModelBase> {
  readonly run: ModelRun<M>;
  readonly select: ((model: M) => unknown) | undefined;
}

/** What is wrong with a model that has handled what is given, beside what is expected of it. */
export async function problemOf<M extends ReadModelBase>(
  one: ReadModelCase<M>,
  history: History,
  handled: Handled<M>,
): Promise<Problem | undefined> {
  const { model } = handled.run;
  return damageIn(history) ?? (isSnapshotKeeper(model) ? await snapshotProblem(one, history, handled) : undefined) ?? damageIn(history);
}

function damageIn({ serializer }: History): Problem | undefined {
  const damage = serializer.damaged();
  if (damage === undefined) return undefined;
  const { event, before } = damage;
  const problem = `a handler changes the ${classOf(event).type} that it is given, which others are given, too.`;
  const sections = { Given: `  ${shown(before)}`, "Left behind": `  ${shown(payloadOf(event))}` };
  return { problem, sections, actual: payloadOf(event), expected: before };
}

async function snapshotProblem<M extends ReadModelBase>(
  one: ReadModelCase<M>,
  history: History,
  handled: Handled<M>,
): Promise<Problem | undefined> {
  const text = textOfState(handled.run.model);
  if (typeof text !== "string") return text;
  const { states, problem } = await statesAlong(one, history);
  return problem ?? whereItDiffers(states, text) ?? (await restoringProblem(one, history, { handled, states }));
}

function whereItDiffers(states: readonly string[], text: string): Problem | undefined {
  const last = states.at(-1) ?? text;
  if (isSameData(JSON.parse(last), JSON.parse(text))) return undefined;
  const problem = "its snapshot is another one where its events come one by one: its state does not follow from them alone.";
  return differs(problem, JSON.parse(text), JSON.parse(last));
}

/** The snapshots, as JSON text, before the first event and behind each, of a model that is told of events as they are committed. */
async function statesAlong<M extends ReadModelBase>(
  one: ReadModelCase<M>,
  history: History,
): Promise<{ readonly states: readonly string[]; readonly problem?: Problem | undefined }> {
  const log = new GivenLog(history);
  await using run = new ModelRun(one);
  const states: string[] = [];
  const first = textOfState(run.model);
  if (typeof first !== "string") return { states, problem: first };
  states.push(first);
  await run.handle(log.feed);
  for (let next = await log.commitNext(); next !== undefined; next = await log.commitNext()) {
    const stop = await run.reach(next);
    if (stop !== undefined) return { states, problem: stopped("told of its events one by one", stop) };
    const text = textOfState(run.model);
    if (typeof text !== "string") return { states, problem: text };
    states.push(text);
  }
  return { states };
}

/** A model that is restored somewhere, and goes on, is one that was never stopped. */
async function restoringProblem<M extends ReadModelBase>(
  one: ReadModelCase<M>,
  history: History,
  { handled, states }: { readonly handled: Handled<M>; readonly states: readonly string[] },
): Promise<Problem | undefined> {
  const log = await GivenLog.of(history);
  for (const at of stopsIn(states.length)) {
    await using run = new ModelRun(one);
    const where = `restored from its snapshot ${at === 0 ? "before the first event" : `behind event ${at}`}`;
    const stop = await restoreAndGoOn(run, { log, at, state: stateIn(states[at]) });
    if (stop !== undefined) return stopped(where, stop);
    const problem = await otherEnd({ ...handled, end: stateIn(states.at(-1)) }, run);
    if (problem === undefined) continue;
    const sections = { Snapshot: `  ${shown(stateIn(states[at]))}`, ...problem.sections };
    return { ...problem, problem: `${where}, it tells ${problem.problem} in the end than without a stop.`, sections };
  }
  return undefined;
}

/** What a restored model tells in the end that one without a stop does not. */
async function otherEnd<M extends ReadModelBase>(
  { run, select, end }: Handled<M> & { readonly end: JsonValue },
  restored: ModelRun<M>,
): Promise<Problem | undefined> {
  const last = textOfState(restored.model);
  if (typeof last !== "string") return last;
  if (!isSameData(stateIn(last), end)) return other("another one", end, stateIn(last));
  if (select === undefined) return undefined;
  const [actual, expected] = [await restored.within(() => select(restored.model)), await run.within(() => select(run.model))];
  return isDeepStrictEqual(actual, expected) ? undefined : other(`something else by ${shownAct(select)}`, expected, actual);
}

async function restoreAndGoOn<M extends ReadModelBase>(
  run: ModelRun<M>,
  { log, at, state }: { readonly log: GivenLog; readonly at: number; readonly state: JsonValue },
): Promise<Error | undefined> {
  const checkpoint = { feed: log.feed.name, version: null, position: at === 0 ? null : position(at - 1) };
  try {
    run.within(() => run.model.restore({ state, checkpoints: [checkpoint], external: [] }));
  } catch (error) {
    return error as Error;
  }
  return run.handle(log.feed);
}

/** All places, or some of them spread evenly. */
function stopsIn(places: number): readonly number[] {
  const step = Math.max(1, places / MAX_STOPS);
  return Array.from({ length: Math.min(places, MAX_STOPS) }, (_, index) => Math.floor(index * step));
}

/** The snapshot of a model as JSON text, or what is wrong with it. */
function textOfState(model: ReadModelBase): string | Problem {
  if (!isSnapshotKeeper(model)) return "null";
  const state = model.takeSnapshot();
  const json = findDataProblem(state);
  if (json !== undefined) return { problem: `its snapshot holds what JSON does not: ${json.path} ${json.reason}.`, actual: state };
  const text = JSON.stringify(state);
  const again = model.takeSnapshot();
  if (isSameData(again, stateIn(text))) return text;
  return differs("its takeSnapshot tells something else the second time: it changes nothing.", stateIn(text), again);
}

function stateIn(text: string | undefined): JsonValue {
  return JSON.parse(text ?? "null") as JsonValue;
}

function stopped(when: string, stop: Error): Problem {
  const cause = stop.cause ?? stop;
  return { problem: `${when}, it stops: ${shownError(cause)}`, cause };
}

function differs(problem: string, expected: unknown, actual: unknown): Problem {
  return { problem, sections: { First: `  ${shown(expected)}`, Then: `  ${shown(actual)}` }, actual, expected };
}

function other(problem: string, expected: unknown, actual: unknown): Problem {
  return { problem, sections: { "Without a stop": `  ${shown(expected)}`, Restored: `  ${shown(actual)}` }, actual, expected };
}
