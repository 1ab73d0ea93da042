import { findDataProblem, type JsonValue } from "@reactive-domain/core";
import type { Failure } from "./failure.ts";
import { isSameData } from "./same-data.ts";
import { countOf, shown, shownError } from "./shown.ts";
import type { KnownState, Specimen, Subject } from "./subject.ts";

/** What is wrong, without what it is about. */
export type Problem = Omit<Failure, "title">;

/** The state of an instance, and what is wrong with the way it is taken and restored. */
export interface TakenState {
  readonly state: KnownState | undefined;
  readonly problem: Problem | undefined;
}

/** Takes the state of an instance with which nothing is pending, as a repository does for a snapshot. */
export function takeState<V>(subject: Subject<V>, specimen: Specimen<V>): TakenState {
  const state = specimen.state();
  return { state, problem: state === undefined ? undefined : problemOf(subject, specimen, state.value) };
}

function problemOf<V>(subject: Subject<V>, specimen: Specimen<V>, value: unknown): Problem | undefined {
  const { pendingEvents } = specimen.source;
  if (pendingEvents.length > 0) return { problem: `its takeSnapshot raises ${countOf(pendingEvents)}: it only tells what there is.` };
  if (specimen.restore === undefined) return changedByTaking(value, specimen);
  const json = findDataProblem(value);
  if (json !== undefined) return { problem: `its snapshot holds what JSON does not: ${json.path} ${json.reason}.`, actual: value };
  const text = JSON.stringify(value);
  const stored = (): JsonValue => JSON.parse(text) as JsonValue;
  return changedByTaking(stored(), specimen) ?? lostByRestoring(subject, stored);
}

function changedByTaking(first: unknown, specimen: Specimen<unknown>): Problem | undefined {
  const second = specimen.state()?.value;
  if (isSameData(second, first)) return undefined;
  const sections = { First: `  ${shown(first)}`, Then: `  ${shown(second)}` };
  return {
    problem: "its takeSnapshot tells something else the second time: it changes nothing.",
    sections,
    actual: second,
    expected: first,
  };
}

/** Restores a new instance, as a load does, and takes its state again. */
function lostByRestoring<V>(subject: Subject<V>, stored: () => JsonValue): Problem | undefined {
  const restored = subject.create();
  try {
    restored.restore?.(stored());
  } catch (error) {
    const sections = { Snapshot: `  ${shown(stored())}` };
    return { problem: `it cannot be restored from its snapshot: ${shownError(error)}`, sections, cause: error };
  }
  const again = restored.state()?.value;
  if (isSameData(again, stored())) return undefined;
  const problem = "its snapshot is not whole: an instance that is restored from it tells another one.";
  const sections = { Snapshot: `  ${shown(stored())}`, "Snapshot of the restored": `  ${shown(again)}` };
  return { problem, sections, actual: again, expected: stored() };
}
