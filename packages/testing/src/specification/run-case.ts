import { currentRuntime, derivedId, version, withRuntime, type MessageMetadata, type Runtime } from "@reactive-domain/core";
import { createStreamNameBuilder, metadataOf, type BoundedContext, type EventBase, type MessageBase } from "@reactive-domain/foundation";
import { takeState, type Problem } from "./check-snapshot.ts";
import { failure } from "./failure.ts";
import { createFixedRuntime, madeSource } from "./fixed-runtime.ts";
import { refuseToWait } from "./refuse-to-wait.ts";
import { countOf, shownAct, shownError, shownEvents } from "./shown.ts";
import type { KnownState, Specimen, Subject } from "./subject.ts";

/** What all cases of a specification have in common. */
export interface Setting<V> {
  readonly subject: Subject<V>;
  readonly time: Date | undefined;
  readonly context: BoundedContext | undefined;
}

/** Something that is done to an instance. */
export interface Act<V> {
  /** The function or command, to be named in failures. */
  readonly what: unknown;
  /** The message that it works for; without one, one is made. */
  readonly source: MessageBase | undefined;
  perform(specimen: Specimen<V>): unknown;
}

/** What came of a case. */
export interface CaseResult<V> {
  readonly setting: Setting<V>;
  readonly title: string;
  readonly runtime: Runtime;
  readonly given: readonly EventBase[];
  readonly source: MessageMetadata;
  readonly stream: string;
  readonly specimen: Specimen<V>;
  readonly thrown: { readonly error: unknown } | undefined;
  readonly raised: readonly EventBase[];
  /** The state behind the last raised event. */
  readonly state: KnownState | undefined;
  /** What was done to the state that all instances share, if something was. */
  readonly damage: string | undefined;
  /** What is wrong with the snapshots of an aggregate, if something is. */
  readonly snapshotProblem: Problem | undefined;
}

/** Does something to a new instance with a history, within a runtime that is the same in every run. */
export function runCase<V>(setting: Setting<V>, given: readonly EventBase[], act: Act<V>): CaseResult<V> {
  // Asked for out here: a command without an id gets one of its own, and none of those that are counted.
  const source = act.source === undefined ? undefined : metadataOf(act.source);
  const runtime = createFixedRuntime(setting.time);
  return withRuntime(runtime, () => runWithin(setting, given, { ...act, metadata: source ?? madeSource() }));
}

function runWithin<V>(
  setting: Setting<V>,
  given: readonly EventBase[],
  act: Act<V> & { readonly metadata: MessageMetadata },
): CaseResult<V> {
  const { subject, context } = setting;
  const { metadata: source } = act;
  const history = given.length === 0 ? "without history" : `after ${countOf(given)}`;
  const title = `${subject.type}: ${history}, ${shownAct(act.what)}`;
  const stream = createStreamNameBuilder(context === undefined ? {} : { prefix: context.prefix }).forAggregate(subject.type, subject.id);
  const damageOf = subject.watch();
  const specimen = replay(subject, given, title);
  specimen.source.correlateWith(source, (ordinal) => derivedId(source.id, stream, ordinal));
  let answer: unknown;
  const thrown = attempt(() => {
    answer = act.perform(specimen);
  });
  refuseToWait(answer, `What is done (${shownAct(act.what)})`, "done at once");
  // Taken, as by a save that goes on: a snapshot is taken when nothing is pending.
  const raised = specimen.source.takeEventsAndContinue();
  const { state, problem: snapshotProblem } = takeState(subject, specimen);
  const [damage, runtime] = [damageOf(), currentRuntime()];
  return { setting, title, runtime, given, source, stream, specimen, thrown, raised, state, damage, snapshotProblem };
}

/** A new instance with a history. Errors: an `AssertionError` where it cannot be folded. */
export function replay<V>(subject: Subject<V>, events: readonly EventBase[], title: string): Specimen<V> {
  const specimen = subject.create();
  if (events.length === 0) return specimen;
  const thrown = attempt(() => specimen.source.restoreFromEvents(events, version(events.length - 1)));
  if (thrown === undefined) return specimen;
  const problem = `its events cannot be replayed: ${shownError(thrown.error)}`;
  throw failure({ title, problem, sections: { Events: shownEvents(events) }, cause: thrown.error });
}

function attempt(work: () => void): { readonly error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}
