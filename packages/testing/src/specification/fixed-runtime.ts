import { currentRuntime, InvalidArgument, type Ids, type MessageMetadata, type Runtime } from "@reactive-domain/core";
import { createTestRuntime } from "../runtime/test-runtime.ts";

const PREFIX = "00000000-0000-7000-8000-";

/**
 * The n-th id, from 1, that the runtime gives to the code under a specification: what an event is expected to carry that takes an id into its payload.
 *
 * Errors: `invalid-argument`.
 */
export function fixedId(ordinal: number): string {
  if (!Number.isSafeInteger(ordinal) || ordinal < 1) throw new InvalidArgument("ordinal", "an integer from 1", ordinal);
  return `${PREFIX}${String(ordinal).padStart(12, "0")}`;
}

/** A clock that stands, ids that are counted, and chance that is always the same. */
export function createFixedRuntime(time: Date | undefined): Runtime {
  const { runtime } = createTestRuntime(time === undefined ? {} : { startMs: time.getTime() });
  let made = 0;
  return { ...runtime, ids: { next: () => fixedId(++made) } };
}

let given = 0;

/** Ids for given events that have none yet: an event may be given again and again, in whatever order, so that no two may have the same. */
export const givenIds: Ids = { next: () => `${PREFIX}eeee${String(++given).padStart(8, "0")}` };

/** The metadata of a message made for the purpose. Its three ids differ, so that one taken for another is seen. */
export function madeSource(): MessageMetadata {
  const idOf = (ordinal: number): string => `${PREFIX}ffffffffff${String(ordinal).padStart(2, "0")}`;
  return { id: idOf(1), correlationId: idOf(2), causationId: idOf(3), timeMs: currentRuntime().clock.now() };
}
