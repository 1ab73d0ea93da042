import { derivedId, position, textOf, version } from "@reactive-domain/core";
import {
  classOf,
  createJsonEventSerializer,
  metadataOf,
  type EventBase,
  type EventSerializer,
  type MessageClass,
} from "@reactive-domain/foundation";
import { recordedEvent, serializationContextOf } from "@reactive-domain/persistence";
import type { Problem } from "./check-snapshot.ts";
import { failure } from "./failure.ts";
import { replay, type CaseResult } from "./run-case.ts";
import { isSameData } from "./same-data.ts";
import { payloadOf, shown, shownEvents } from "./shown.ts";

/**
 * Holds what was raised to what a repository and a later load need: its place in the chain of its source, a payload that can be kept, a state that follows from it, and snapshots that are whole.
 *
 * Errors: an `AssertionError`.
 */
export function checkSoundness<V>(result: CaseResult<V>): void {
  for (const [index, event] of result.raised.entries()) checkPlace(result, event, index);
  const kept = result.raised.map((event, index) => keep(result, event, index));
  const { title, given, state, damage, snapshotProblem, setting } = result;
  if (damage !== undefined) throw failure({ title, problem: `${damage}.` });
  if (snapshotProblem !== undefined) throw failure({ title, ...snapshotProblem });
  const replayed = replay(setting.subject, [...given, ...kept], title).state();
  if (state !== undefined && replayed !== undefined && !isSameData(state.value, replayed.value))
    throw failure({ title, ...replayProblem(result, state.value, replayed.value) });
}

function replayProblem<V>({ raised }: CaseResult<V>, state: unknown, replayed: unknown): Problem {
  const problem =
    "its state does not follow from its events: it was changed outside of them, or a part of it is folded from what is not kept.";
  const sections = {
    Raised: shownEvents(raised),
    "State now": `  ${shown(state)}`,
    "State of a replay": `  ${shown(replayed)}`,
  };
  return { problem, sections, actual: state, expected: replayed };
}

/** The chain that the event belongs to, and its id as a repository would give it. */
function checkPlace<V>({ title, source, stream }: CaseResult<V>, event: EventBase, index: number): void {
  const { id, correlationId, causationId } = metadataOf(event);
  const actual = { id, correlationId, causationId };
  const correlation = source.correlationId === "" ? source.id : source.correlationId;
  const expected = { id: derivedId(source.id, stream, index), correlationId: correlation, causationId: source.id };
  const wrong = (["id", "correlationId", "causationId"] as const).find((name) => actual[name] !== expected[name]);
  if (wrong === undefined) return;
  const problem = `event ${index + 1} (${classOf(event).type}) has the ${wrong} ${String(actual[wrong])}, and not ${expected[wrong]}, which follows from the message that it was raised for.`;
  throw failure({ title, problem, actual, expected });
}

/** The event as it would be read once it was saved. */
function keep<V>(result: CaseResult<V>, event: EventBase, index: number): EventBase {
  const { title } = result;
  const name = `event ${index + 1} (${classOf(event).type})`;
  const read = saveAndRead(result, event, name);
  if (isSameData(payloadOf(read), payloadOf(event))) return read;
  const problem = `${name} is not read as it was raised.`;
  const sections = { Raised: `  ${shown(payloadOf(event))}`, Read: `  ${shown(payloadOf(read))}` };
  throw failure({ title, problem, sections, actual: payloadOf(read), expected: payloadOf(event) });
}

function saveAndRead<V>(result: CaseResult<V>, event: EventBase, name: string): EventBase {
  const { title, stream, runtime } = result;
  try {
    const serializer = serializerOf(result);
    const kept = atOnce(serializer.serialize(event, serializationContextOf(event, { stream })));
    const at = { stream, version: version(0), position: position(0), time: new Date(runtime.clock.now()) };
    const [read] = atOnce(serializer.deserialize(recordedEvent({ ...at, ...kept })));
    if (read !== undefined) return read;
  } catch (error) {
    throw failure({ title, problem: `${name} could not be saved: ${textOf(error)}`, cause: error });
  }
  throw failure({ title, problem: `${name} is read as nothing.` });
}

/** The usual serializer: of the context's events, or else of those that were raised. */
function serializerOf<V>({ setting, raised }: CaseResult<V>): EventSerializer {
  const classes = new Set(raised.map((event) => classOf(event) as MessageClass<EventBase>));
  return createJsonEventSerializer(setting.context?.events ?? [...classes]);
}

function atOnce<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new TypeError("The serializer of JSON answers at once.");
  return answer;
}
