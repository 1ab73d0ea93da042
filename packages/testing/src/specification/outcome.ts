import { isDeepStrictEqual } from "node:util";
import { InvalidArgument, withRuntime } from "@reactive-domain/core";
import type { EventBase } from "@reactive-domain/foundation";
import { checkSoundness } from "./check-soundness.ts";
import { failure, isFailure, type Failure } from "./failure.ts";
import { hasOnly, isRefusal, isRefusedAs, plainRefusal, shownRefusal, type ExpectedRefusal } from "./refusal.ts";
import { refuseToWait } from "./refuse-to-wait.ts";
import { THEN } from "./then-key.ts";
import type { CaseResult } from "./run-case.ts";
import { countOf, plainEvents, shown, shownError, shownEvents } from "./shown.ts";

/** What came of a case, to be held against what is expected. */
export class Outcome<V> {
  readonly #result: CaseResult<V>;
  readonly #hasPlainState: boolean;

  constructor(result: CaseResult<V>, hasPlainState: boolean) {
    this.#result = result;
    this.#hasPlainState = hasPlainState;
  }

  /** `reject` is there when this was awaited, or returned to who awaits it: nothing is expected then, and nothing may pass. */
  [THEN](expected: unknown, reject?: unknown): void {
    if (typeof reject === "function") {
      reject(this.#failure({ problem: "it was awaited, and expects nothing. Say what is expected: .then([...])." }));
      return;
    }
    try {
      withRuntime(this.#result.runtime, () => this.#check(expected));
    } catch (error) {
      // A test runner shows the line of the test, and not one in here.
      if (isFailure(error)) Error.captureStackTrace(error, this[THEN]);
      throw error;
    }
  }

  #check(expected: unknown): void {
    if (isRefusal(expected)) this.#checkRefusal(expected);
    else if (Array.isArray(expected)) this.#checkEvents(expected);
    else if (typeof expected === "function") this.#look(expected as (view: V) => unknown);
    else if (this.#hasPlainState && isStateOnly(expected)) this.#checkState(expected.state);
    else
      throw new InvalidArgument(
        "What is expected",
        `a list of events, a refusal${this.#hasPlainState ? ", { state }" : ""} or a function`,
        expected,
      );
  }

  #checkEvents(expected: readonly EventBase[]): void {
    this.#refuseThrown(countOf(expected), expected);
    const { raised, given } = this.#result;
    if (!isDeepStrictEqual(raised, expected)) {
      const isOtherCount = raised.length !== expected.length;
      const problem = isOtherCount
        ? `expected ${countOf(expected)}, got ${countOf(raised)}.`
        : `expected other events than the ${raised.length} it got.`;
      const sections = { Given: shownEvents(given), Expected: shownEvents(expected, raised), Got: shownEvents(raised, expected) };
      throw this.#failure({ problem, sections, actual: plainEvents(raised), expected: plainEvents(expected) });
    }
    checkSoundness(this.#result);
  }

  #checkRefusal(expected: ExpectedRefusal): void {
    const { thrown, raised } = this.#result;
    const wanted = `expected to be refused with ${shownRefusal(expected)}`;
    if (thrown === undefined) {
      const sections = { Got: shownEvents(raised) };
      throw this.#failure({ problem: `${wanted}, but was done.`, sections, actual: plainEvents(raised), expected: plainRefusal(expected) });
    }
    if (!isRefusedAs(thrown.error, expected)) {
      const sides = { actual: plainRefusal(thrown.error), expected: plainRefusal(expected) };
      throw this.#failure({ problem: `${wanted}, got ${shownError(thrown.error)}`, cause: thrown.error, ...sides });
    }
    if (raised.length > 0) {
      const problem = `refused as expected, but ${countOf(raised)} had been recorded by then, which the next save writes.`;
      throw this.#failure({
        problem,
        sections: { Recorded: shownEvents(raised) },
        actual: plainEvents(raised),
        expected: [],
        cause: thrown.error,
      });
    }
    checkSoundness(this.#result);
  }

  #checkState(expected: unknown): void {
    this.#refuseThrown("a state");
    const actual = this.#result.specimen.view();
    if (!isDeepStrictEqual(actual, expected)) {
      const sections = { Expected: `  ${shown(expected)}`, Got: `  ${shown(actual)}`, Raised: shownEvents(this.#result.raised) };
      throw this.#failure({ problem: "expected another state than it got.", sections, actual, expected });
    }
    checkSoundness(this.#result);
  }

  #look(look: (view: V) => unknown): void {
    this.#refuseThrown("a state to look at");
    checkSoundness(this.#result);
    const answer = look(this.#result.specimen.view());
    refuseToWait(answer, "What looks at the state", "a function that asserts at once");
    // What asserts may answer with an object of its library. A value is what somebody wanted to be held.
    if (answer === undefined || answer === null || typeof answer === "object" || typeof answer === "function") return;
    throw this.#failure({ problem: `what looks at the state answers ${shown(answer)}, which is passed over. Assert in it.` });
  }

  #refuseThrown(expected: string, events: readonly EventBase[] = []): void {
    const { thrown, raised } = this.#result;
    if (thrown === undefined) return;
    const sections = events.length === 0 ? {} : { Expected: shownEvents(events) };
    const problem = `expected ${expected}, but it was refused with ${shownError(thrown.error)}`;
    throw this.#failure({ problem, sections: { ...sections, Recorded: shownEvents(raised) }, cause: thrown.error });
  }

  #failure(facts: Omit<Failure, "title">): Error {
    return failure({ title: this.#result.title, ...facts });
  }
}

function isStateOnly(value: unknown): value is { readonly state: unknown } {
  return hasOnly(value, "state");
}
